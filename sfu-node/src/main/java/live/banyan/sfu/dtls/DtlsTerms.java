package live.banyan.sfu.dtls;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsCredentialedSigner;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.jspecify.annotations.Nullable;

/** What one handshake agrees on, common to both roles: the peer's certificate, profile, keys. */
final class DtlsTerms {
  /**
   * Our certificate is ECDSA, so a server has no other suites. RFC 8827 §6.5 asks for the first.
   */
  private static final int[] ECDSA_SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  };

  /** A client also takes servers with RSA certificates, which GStreamer has. */
  private static final int[] RSA_SUITES = {
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
  };

  private static final SignatureAndHashAlgorithm OUR_SIGNATURE =
      SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);

  private final DtlsEndpoint endpoint;
  private final DtlsFingerprint expected;
  private boolean peerKnown;
  private boolean peerWrong;
  private @Nullable SrtpProfile profile;
  private @Nullable SrtpKeys keys;

  DtlsTerms(DtlsEndpoint endpoint, DtlsFingerprint expected) {
    this.endpoint = endpoint;
    this.expected = expected;
  }

  static int[] serverSuites() {
    return ECDSA_SUITES.clone();
  }

  static int[] clientSuites() {
    int[] suites = Arrays.copyOf(ECDSA_SUITES, ECDSA_SUITES.length + RSA_SUITES.length);
    System.arraycopy(RSA_SUITES, 0, suites, ECDSA_SUITES.length, RSA_SUITES.length);
    return suites;
  }

  static int[] groups() {
    return new int[] {NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1};
  }

  /** How a peer may sign: its certificate may be ECDSA, Ed25519 or RSA. No SHA-1. */
  static Vector<SignatureAndHashAlgorithm> peerSignatures() {
    return new Vector<>(
        List.of(
            OUR_SIGNATURE,
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha512, SignatureAlgorithm.ecdsa),
            SignatureAndHashAlgorithm.ed25519,
            SignatureAndHashAlgorithm.rsa_pss_rsae_sha256,
            SignatureAndHashAlgorithm.rsa_pss_rsae_sha384,
            SignatureAndHashAlgorithm.rsa_pss_rsae_sha512,
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.rsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha384, SignatureAlgorithm.rsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha512, SignatureAlgorithm.rsa)));
  }

  static UseSRTPData offeredProfiles() {
    int[] ids = Arrays.stream(SrtpProfile.values()).mapToInt(SrtpProfile::id).toArray();
    return new UseSRTPData(ids, new byte[0]);
  }

  TlsCredentials credentials(TlsContext context) {
    return new DefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context), endpoint.signer(), endpoint.chain(), OUR_SIGNATURE);
  }

  /** The certificate is all that says who the peer is (RFC 5763 §5): none, or another, ends it. */
  void checkPeer(@Nullable Certificate certificate) throws IOException {
    if (certificate == null
        || certificate.isEmpty()
        || !expected.matches(certificate.getCertificateAt(0).getEncoded())) {
      peerWrong = true;
      throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }
    peerKnown = true;
  }

  /** The best profile of ours among those offered, whatever the peer's order is. */
  SrtpProfile choose(@Nullable UseSRTPData offered) throws IOException {
    if (offered != null) {
      for (SrtpProfile candidate : SrtpProfile.values()) {
        for (int id : offered.getProtectionProfiles()) {
          if (id == candidate.id()) {
            profile = candidate;
            return candidate;
          }
        }
      }
    }
    throw new TlsFatalAlert(AlertDescription.handshake_failure, "no common SRTP profile");
  }

  /** Exports the keys when the handshake is complete (RFC 5764 §4.2). */
  void export(TlsContext context, boolean client) throws IOException {
    SrtpProfile agreed = profile;
    if (!peerKnown || agreed == null) {
      throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }
    byte[] material =
        context.exportKeyingMaterial(
            // No context, which is not the same as an empty one (RFC 5705 §4).
            ExporterLabel.dtls_srtp, null, agreed.keyingMaterialLength());
    keys = split(agreed, material, client);
    Arrays.fill(material, (byte) 0);
  }

  private static SrtpKeys split(SrtpProfile profile, byte[] material, boolean client) {
    int key = profile.keyLength();
    int salt = profile.saltLength();
    byte[] clientKey = Arrays.copyOfRange(material, 0, key);
    byte[] serverKey = Arrays.copyOfRange(material, key, 2 * key);
    byte[] clientSalt = Arrays.copyOfRange(material, 2 * key, 2 * key + salt);
    byte[] serverSalt = Arrays.copyOfRange(material, 2 * key + salt, 2 * (key + salt));
    return client
        ? new SrtpKeys(profile, clientKey, clientSalt, serverKey, serverSalt)
        : new SrtpKeys(profile, serverKey, serverSalt, clientKey, clientSalt);
  }

  boolean peerWrong() {
    return peerWrong;
  }

  /** Takes the keys out, so that the cipher's owner holds the only copy. */
  @Nullable SrtpKeys takeKeys() {
    SrtpKeys taken = keys;
    keys = null;
    return taken;
  }
}
