package live.banyan.sfu.srtp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Session keys from one master key and salt, with a key derivation rate of 0 (RFC 3711 §4.3.1,
 * §4.3.3): AES in counter mode over zeros, started at (label XOR salt). A salt of 96 bits (RFC 7714
 * §11) is taken as 112 bits that end in zeros.
 */
final class KeyDerivation {
  static final int RTP_ENCRYPTION = 0;
  static final int RTP_AUTHENTICATION = 1;
  static final int RTP_SALT = 2;
  static final int RTCP_ENCRYPTION = 3;
  static final int RTCP_AUTHENTICATION = 4;
  static final int RTCP_SALT = 5;

  /** The label is the lowest byte above the 48-bit index: byte 7 of 14. */
  private static final int LABEL_AT = 7;

  private KeyDerivation() {}

  /**
   * Derives one key. The caller wipes it.
   *
   * @param length bytes wanted
   */
  static byte[] derive(byte[] masterKey, byte[] masterSalt, int label, int length) {
    byte[] start = Arrays.copyOf(masterSalt, 16);
    start[LABEL_AT] ^= (byte) label;
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(masterKey, "AES"), new IvParameterSpec(start));
      return cipher.doFinal(new byte[length]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES is part of every JDK", e);
    } finally {
      Arrays.fill(start, (byte) 0);
    }
  }
}
