package live.banyan.sfu.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DtlsIdentityTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @Test
  void theJdkReadsTheCertificate() throws Exception {
    DtlsIdentity identity = DtlsIdentity.generate(RANDOM);
    X509Certificate certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(identity.certificateDer()));
    certificate.verify(certificate.getPublicKey());
    certificate.checkValidity();
    assertEquals("EC", certificate.getPublicKey().getAlgorithm());
    assertTrue(identity.fingerprint().matches(certificate.getEncoded()));
  }

  @Test
  void anIdentityOutlivesTheProgram(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("dtls.pem");
    DtlsIdentity made = DtlsIdentity.loadOrCreate(file, RANDOM);
    DtlsIdentity loaded = DtlsIdentity.loadOrCreate(file, RANDOM);
    assertArrayEquals(made.certificateDer(), loaded.certificateDer());
    assertEquals(made.fingerprint(), loaded.fingerprint());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void aBrokenFileIsNamed(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("dtls.pem");
    Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    IOException refused =
        assertThrows(IOException.class, () -> DtlsIdentity.loadOrCreate(file, RANDOM));
    assertTrue(refused.toString().contains(file.toString()));
    Files.writeString(file, "nothing");
    assertThrows(IOException.class, () -> DtlsIdentity.load(file));
  }

  @Test
  void fingerprintsAreReadWithoutRegardToCase() {
    DtlsFingerprint own = DtlsIdentity.generate(RANDOM).fingerprint();
    assertEquals(
        own, DtlsFingerprint.of("SHA-256", own.value().toLowerCase(java.util.Locale.ROOT)).get());
    assertNotEquals(own, DtlsIdentity.generate(RANDOM).fingerprint());
  }

  @Test
  void weakHashesAndWrongLengthsAreNoFingerprints() {
    String sha1 = "AA:".repeat(19) + "AA";
    String md5 = "AA:".repeat(15) + "AA";
    assertFalse(DtlsFingerprint.of("sha-1", sha1).isPresent());
    assertFalse(DtlsFingerprint.of("md5", md5).isPresent());
    assertFalse(DtlsFingerprint.of("sha-256", sha1).isPresent());
    assertFalse(DtlsFingerprint.of("sha-256", "AA:".repeat(31) + "ZZ").isPresent());
    assertFalse(DtlsFingerprint.of("sha-256", "AA ".repeat(31) + "AA").isPresent());
    assertTrue(DtlsFingerprint.of("sha-384", "AA:".repeat(47) + "aa").isPresent());
    assertTrue(DtlsFingerprint.of("sha-512", "AA:".repeat(63) + "AA").isPresent());
    assertTrue(DtlsFingerprint.of("sha-224", "AA:".repeat(27) + "AA").isPresent());
  }
}
