package live.banyan.sfu.ice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA1 under one short-term password (RFC 8489 §9.1, §14.5), keyed once per transport. Not
 * thread safe; no call allocates.
 */
public final class StunIntegrity {
  static final int MAC_BYTES = 20;

  private final Mac mac;
  private final byte[] computed = new byte[MAC_BYTES];

  /** Keys a MAC; SASLprep leaves ice-chars as they are. */
  public StunIntegrity(String password) {
    try {
      mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA1", e);
    }
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
    mac.update(bytes, 0, at);
    try {
      mac.doFinal(computed, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
