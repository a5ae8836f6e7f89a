package live.banyan.sfu.ice;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC-SHA1 under one short-term password (RFC 8489 §9.1, §14.5), keyed once per transport. It is
 * put together from SHA-1 (RFC 2104 §2), since the JDK's Mac makes objects for each message. Not
 * thread safe; no call allocates.
 */
public final class StunIntegrity {
  static final int MAC_BYTES = 20;

  /** Of SHA-1. */
  private static final int BLOCK_BYTES = 64;

  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5C;

  private final MessageDigest digest;
  private final byte[] inner;
  private final byte[] outer;
  private final byte[] computed = new byte[MAC_BYTES];

  /** Keys a MAC; SASLprep leaves ice-chars as they are. */
  public StunIntegrity(String password) {
    try {
      digest = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
    byte[] secret = password.getBytes(StandardCharsets.UTF_8);
    byte[] key =
        Arrays.copyOf(secret.length > BLOCK_BYTES ? digest.digest(secret) : secret, BLOCK_BYTES);
    inner = masked(key, INNER);
    outer = masked(key, OUTER);
  }

  /** Whether MESSAGE-INTEGRITY is there and matches. */
  public boolean verifies(StunMessage message) {
    int at = message.integrityOffset();
    if (at < 0) {
      return false;
    }
    byte[] bytes = message.bytes();
    // The length field must count up to the end of MESSAGE-INTEGRITY only (RFC 8489 §14.5).
    byte lengthHigh = bytes[2];
    byte lengthLow = bytes[3];
    compute(bytes, at);
    bytes[2] = lengthHigh;
    bytes[3] = lengthLow;
    int difference = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      difference |= computed[i] ^ bytes[at + 4 + i];
    }
    return difference == 0;
  }

  /**
   * Writes the MAC of {@code bytes[0, at)} behind the attribute header at {@code at}; leaves the
   * length field counting up to its end.
   */
  void sign(byte[] bytes, int at) {
    compute(bytes, at);
    System.arraycopy(computed, 0, bytes, at + 4, MAC_BYTES);
  }

  private void compute(byte[] bytes, int at) {
    int length = at + 4 + MAC_BYTES - StunMessage.HEADER_BYTES;
    bytes[2] = (byte) (length >> 8);
    bytes[3] = (byte) length;
    try {
      digest.update(inner);
      digest.update(bytes, 0, at);
      digest.digest(computed, 0, MAC_BYTES);
      digest.update(outer);
      digest.update(computed);
      digest.digest(computed, 0, MAC_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] masked(byte[] key, byte mask) {
    byte[] masked = new byte[key.length];
    for (int i = 0; i < key.length; i++) {
      masked[i] = (byte) (key[i] ^ mask);
    }
    return masked;
  }
}
