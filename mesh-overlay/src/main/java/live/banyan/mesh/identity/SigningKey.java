package live.banyan.mesh.identity;

import java.util.random.RandomGenerator;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 key pair (RFC 8032). Bouncy Castle's lightweight code signs about ten times faster
 * than the JDK's provider. Immutable, safe from any thread; {@link #toString} never shows the
 * secret.
 */
public final class SigningKey {
  /** Length of the secret seed, of {@link #seed}, in bytes. */
  public static final int SEED_BYTES = Ed25519.SECRET_KEY_SIZE;

  /** Length of a public key in bytes. */
  public static final int PUBLIC_KEY_BYTES = Ed25519.PUBLIC_KEY_SIZE;

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_BYTES = Ed25519.SIGNATURE_SIZE;

  private final byte[] seed;
  private final byte[] publicKey;

  private SigningKey(byte[] seed) {
    this.seed = seed;
    this.publicKey = new byte[PUBLIC_KEY_BYTES];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
  }

  /**
   * The key of a secret seed.
   *
   * @param seed {@link #SEED_BYTES} bytes from a cryptographic random source; copied
   * @throws IllegalArgumentException when the length differs
   */
  public static SigningKey ofSeed(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException(
          "a key's seed has " + SEED_BYTES + " bytes, not " + seed.length);
    }
    return new SigningKey(seed.clone());
  }

  /**
   * A new key.
   *
   * @param random a cryptographic source, such as {@code SecureRandom}
   */
  public static SigningKey generate(RandomGenerator random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  /** A copy of the public key. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** A copy of the secret, for its owner's file and for nothing else. */
  public byte[] seed() {
    return seed.clone();
  }

  /** Signs a message; deterministic (RFC 8032, 5.1.6). */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[SIGNATURE_BYTES];
    Ed25519.sign(seed, 0, publicKey, 0, null, message, 0, message.length, signature, 0);
    return signature;
  }

  /** Whether a signature of a message was made by the owner of a public key; never throws. */
  public static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
    return publicKey.length == PUBLIC_KEY_BYTES
        && signature.length == SIGNATURE_BYTES
        && Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
  }

  @Override
  public String toString() {
    return "SigningKey";
  }
}
