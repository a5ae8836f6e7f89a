package live.banyan.mesh.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import live.banyan.mesh.identity.Sha256;
import live.banyan.mesh.identity.SigningKey;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a stream lie for one hour, and what opens them: HKDF-SHA256 (RFC 5869) of
 * the link and the hour gives a key that admits writers and a key that seals (AES-256-GCM). The
 * place is the hash of the first one's public half. Hours that cannot be told to belong together
 * keep a crawler from following a stream over the day. Immutable; safe from any thread.
 */
public final class LinkPlace {
  /** How long a place lasts. */
  public static final long PERIOD_MS = 3_600_000;

  /** Bytes of {@link #target}. */
  public static final int TARGET_BYTES = 16;

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  /** What sealing adds to a text. */
  static final int SEAL_BYTES = NONCE_BYTES + TAG_BITS / 8;

  private final long period;
  private final SigningKey writers;
  private final byte[] sealKey;
  private final byte[] target;

  private LinkPlace(long period, byte[] derived) {
    this.period = period;
    this.writers = SigningKey.ofSeed(Arrays.copyOf(derived, SigningKey.SEED_BYTES));
    this.sealKey = Arrays.copyOfRange(derived, SigningKey.SEED_BYTES, derived.length);
    this.target = targetOf(writers.publicKey());
  }

  /** The place of a link's records at a time of the wall clock. */
  public static LinkPlace of(StreamLink link, long nowMs) {
    long period = Math.floorDiv(nowMs, PERIOD_MS);
    byte[] name = link.name().getBytes(StandardCharsets.UTF_8);
    byte[] material = new byte[SigningKey.PUBLIC_KEY_BYTES + link.secret().length];
    System.arraycopy(link.channel(), 0, material, 0, SigningKey.PUBLIC_KEY_BYTES);
    System.arraycopy(link.secret(), 0, material, SigningKey.PUBLIC_KEY_BYTES, link.secret().length);
    byte[] info = ByteBuffer.allocate(8 + name.length).putLong(period).put(name).array();
    HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
    byte[] salt = "banyan link 1".getBytes(StandardCharsets.US_ASCII);
    hkdf.init(new HKDFParameters(material, salt, info));
    byte[] derived = new byte[SigningKey.SEED_BYTES + 32];
    hkdf.generateBytes(derived, 0, derived.length);
    return new LinkPlace(period, derived);
  }

  /** Which hour since 1970. */
  public long period() {
    return period;
  }

  /** The 16 bytes under which the records lie. */
  public byte[] target() {
    return target.clone();
  }

  static byte[] targetOf(byte[] writersPublicKey) {
    return Arrays.copyOf(Sha256.of("banyan place 1", writersPublicKey), TARGET_BYTES);
  }

  /** Whose signature admits a writer. */
  SigningKey writers() {
    return writers;
  }

  byte[] seal(byte[] text, RandomGenerator random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    GCMModeCipher cipher = cipher(true, nonce);
    byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(text.length));
    int length = cipher.processBytes(text, 0, text.length, sealed, NONCE_BYTES);
    try {
      cipher.doFinal(sealed, NONCE_BYTES + length);
    } catch (InvalidCipherTextException e) {
      throw new AssertionError("sealing checks nothing", e);
    }
    return sealed;
  }

  /** The text, or null when it was not sealed here. */
  byte @Nullable [] open(byte[] sealed) {
    if (sealed.length < SEAL_BYTES) {
      return null;
    }
    GCMModeCipher cipher = cipher(false, Arrays.copyOf(sealed, NONCE_BYTES));
    int length = sealed.length - NONCE_BYTES;
    byte[] text = new byte[cipher.getOutputSize(length)];
    try {
      int written = cipher.processBytes(sealed, NONCE_BYTES, length, text, 0);
      cipher.doFinal(text, written);
      return text;
    } catch (InvalidCipherTextException e) {
      return null;
    }
  }

  private GCMModeCipher cipher(boolean seals, byte[] nonce) {
    GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
    cipher.init(seals, new AEADParameters(new KeyParameter(sealKey), TAG_BITS, nonce, target));
    return cipher;
  }

  @Override
  public String toString() {
    return "LinkPlace";
  }
}
