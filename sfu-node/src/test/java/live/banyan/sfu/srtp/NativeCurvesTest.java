package live.banyan.sfu.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** libcrypto's curves against the JDK's. */
class NativeCurvesTest {
  private final SecureRandom random = new SecureRandom();
  private NativeCurves curves;

  @BeforeEach
  void find() {
    Assumptions.assumeTrue(hasLibcrypto(), "no libcrypto here");
    curves =
        NativeCurves.available()
            .orElseThrow(() -> new AssertionError("libcrypto is here, its curves are not used"));
  }

  /** Asked of the library itself: a self test that fails must not look like a missing library. */
  private static boolean hasLibcrypto() {
    try {
      LibCrypto.link("EVP_PKEY_new_raw_private_key", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  private static KeyPair p256() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  @Test
  void signsWhatTheJdkAccepts() throws Exception {
    KeyPair pair = p256();
    NativeCurves.SigningKey key = curves.signingKey(pair.getPrivate().getEncoded());
    Signature jdk = Signature.getInstance("NONEwithECDSA");
    for (int i = 0; i < 50; i++) {
      byte[] digest = random.generateSeed(32);
      jdk.initVerify(pair.getPublic());
      jdk.update(digest);
      assertTrue(jdk.verify(key.sign(digest)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 48, 64})
  void acceptsWhatTheJdkSignsAndNothingElse(int digestBytes) throws Exception {
    KeyPair pair = p256();
    byte[] key = pair.getPublic().getEncoded();
    Signature jdk = Signature.getInstance("NONEwithECDSA");
    byte[] digest = random.generateSeed(digestBytes);
    jdk.initSign(pair.getPrivate());
    jdk.update(digest);
    byte[] signature = jdk.sign();
    assertTrue(curves.verify(key, digest, signature));
    byte[] other = digest.clone();
    other[31] ^= 1;
    assertFalse(curves.verify(key, other, signature), "another digest");
    assertFalse(curves.verify(p256().getPublic().getEncoded(), digest, signature), "another key");
    byte[] changed = signature.clone();
    changed[changed.length - 1] ^= 1;
    assertFalse(curves.verify(key, digest, changed), "another signature");
  }

  @Test
  void refusesBytesThatAreNoKeyAndNoSignature() throws Exception {
    Random noise = new Random(1);
    byte[] key = p256().getPublic().getEncoded();
    byte[] digest = new byte[32];
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[noise.nextInt(120)];
      noise.nextBytes(bytes);
      assertFalse(curves.verify(bytes, digest, bytes));
      assertFalse(curves.verify(key, digest, bytes));
      byte[] offTheCurve = key.clone();
      offTheCurve[key.length - 1 - noise.nextInt(64)] ^= (byte) noise.nextInt(1, 256);
      assertFalse(curves.verify(offTheCurve, digest, bytes));
    }
    assertThrows(IllegalArgumentException.class, () -> curves.signingKey(digest));
  }

  @Test
  void agreesWithTheJdk() throws Exception {
    for (int i = 0; i < 50; i++) {
      KeyPair theirs = KeyPairGenerator.getInstance("X25519").generateKeyPair();
      NativeCurves.Agreement ours = curves.agree(random);
      byte[] secret = ours.secret(littleEndian(((XECPublicKey) theirs.getPublic()).getU()));
      KeyAgreement jdk = KeyAgreement.getInstance("X25519");
      jdk.init(theirs.getPrivate());
      jdk.doPhase(x25519(ours.publicKey()), true);
      assertNotNull(secret);
      assertArrayEquals(jdk.generateSecret(), secret);
    }
  }

  @Test
  void refusesPeersThatWouldFixTheSecret() {
    NativeCurves.Agreement ours = curves.agree(random);
    byte[] one = new byte[32];
    one[0] = 1;
    assertNull(ours.secret(new byte[32]), "zero");
    assertNull(ours.secret(one), "small order");
    assertNull(ours.secret(new byte[31]), "too short");
    assertNull(ours.secret(new byte[33]), "too long");
    assertNotNull(ours.secret(ours.publicKey()), "another peer after these");
  }

  private static PublicKey x25519(byte[] littleEndian) throws Exception {
    byte[] big = reversed(littleEndian);
    return KeyFactory.getInstance("X25519")
        .generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, big)));
  }

  private static byte[] littleEndian(BigInteger u) {
    byte[] big = u.toByteArray();
    byte[] padded = new byte[Math.max(33, big.length)];
    System.arraycopy(big, 0, padded, padded.length - big.length, big.length);
    return reversed(Arrays.copyOfRange(padded, padded.length - 32, padded.length));
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }
}
