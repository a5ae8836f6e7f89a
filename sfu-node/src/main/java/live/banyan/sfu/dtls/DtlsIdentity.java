package live.banyan.sfu.dtls;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A self-signed ECDSA P-256 certificate with its key: what a fingerprint in SDP, or in a node's
 * signed record, stands for. Nobody validates names or dates (RFC 8122), so one identity may last
 * as long as its data directory. Immutable; the key is never logged.
 */
public final class DtlsIdentity {
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final int VALID_DAYS = 3650;

  private final byte[] certificateDer;
  private final AsymmetricKeyParameter privateKey;
  private final DtlsFingerprint fingerprint;

  private DtlsIdentity(byte[] certificateDer, AsymmetricKeyParameter privateKey) {
    this.certificateDer = certificateDer;
    this.privateKey = privateKey;
    this.fingerprint = DtlsFingerprint.sha256(certificateDer);
  }

  /** Makes a new key and certificate. */
  public static DtlsIdentity generate(SecureRandom random) {
    ECKeyPairGenerator generator = new ECKeyPairGenerator();
    generator.init(
        new ECKeyGenerationParameters(
            ECNamedDomainParameters.lookup(SECObjectIdentifiers.secp256r1), random));
    AsymmetricCipherKeyPair keys = generator.generateKeyPair();
    // The name tells nothing about the machine: every peer sees it (RFC 8827 §6.5).
    X500Name name = new X500Name("CN=banyan");
    Instant now = Instant.now();
    try {
      X509CertificateHolder certificate =
          new X509v3CertificateBuilder(
                  name,
                  new BigInteger(63, random).add(BigInteger.ONE),
                  Date.from(now.minus(1, ChronoUnit.DAYS)), // clocks differ
                  Date.from(now.plus(VALID_DAYS, ChronoUnit.DAYS)),
                  name,
                  SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(keys.getPublic()))
              .build(
                  new BcECContentSignerBuilder(
                          new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                          new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256))
                      .build(keys.getPrivate()));
      return new DtlsIdentity(certificate.getEncoded(), keys.getPrivate());
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException("a P-256 certificate cannot be made", e);
    }
  }

  /**
   * Loads the identity of a data directory, or makes and stores it there: certificate and PKCS #8
   * key in one PEM file that only its owner can read.
   *
   * @throws IOException when the file cannot be written, read, or is not what this class wrote; the
   *     message names the file
   */
  public static DtlsIdentity loadOrCreate(Path pem, SecureRandom random) throws IOException {
    if (Files.exists(pem)) {
      return load(pem);
    }
    DtlsIdentity identity = generate(random);
    identity.store(pem);
    return identity;
  }

  /** Loads what {@link #store} wrote. */
  public static DtlsIdentity load(Path pem) throws IOException {
    byte[] certificate = null;
    AsymmetricKeyParameter key = null;
    try (PemReader reader =
        new PemReader(new StringReader(Files.readString(pem, StandardCharsets.US_ASCII)))) {
      for (PemObject object = reader.readPemObject();
          object != null;
          object = reader.readPemObject()) {
        if (object.getType().equals(CERTIFICATE)) {
          certificate = object.getContent();
        } else if (object.getType().equals(PRIVATE_KEY)) {
          key = PrivateKeyFactory.createKey(object.getContent());
        }
      }
      if (certificate == null || !(key instanceof ECPrivateKeyParameters)) {
        throw new IOException("certificate or EC key is missing");
      }
      return new DtlsIdentity(new X509CertificateHolder(certificate).getEncoded(), key);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          pem
              + " is not a DTLS identity: delete it to have a new one made ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  /** Writes certificate and key, replacing the file at once so that no half is ever read. */
  public void store(Path pem) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(CERTIFICATE, certificateDer));
      writer.writeObject(
          new PemObject(
              PRIVATE_KEY, PrivateKeyInfoFactory.createPrivateKeyInfo(privateKey).getEncoded()));
    }
    Path temporary = pem.resolveSibling(pem.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(temporary, ownerOnly());
    Files.writeString(temporary, text.toString(), StandardCharsets.US_ASCII);
    Files.move(temporary, pem, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileAttribute<?>[] ownerOnly() {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** The sha-256 fingerprint that SDP and records carry. */
  public DtlsFingerprint fingerprint() {
    return fingerprint;
  }

  /** The certificate, DER. */
  public byte[] certificateDer() {
    return certificateDer.clone();
  }

  AsymmetricKeyParameter privateKey() {
    return privateKey;
  }
}
