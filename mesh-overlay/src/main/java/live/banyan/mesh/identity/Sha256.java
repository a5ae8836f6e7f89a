package live.banyan.mesh.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of parts that lie one behind the other. */
public final class Sha256 {
  private Sha256() {}

  /** 32 bytes. */
  public static byte[] of(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java runtime has SHA-256", e);
    }
  }

  /**
   * Hash for one purpose alone, so that what was hashed for another cannot stand in for it.
   *
   * @param purpose a text without NUL, which ends it
   */
  public static byte[] of(String purpose, byte[]... parts) {
    byte[][] all = new byte[parts.length + 1][];
    all[0] = (purpose + '\0').getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(parts, 0, all, 1, parts.length);
    return of(all);
  }
}
