package live.banyan.sfu.ice;

/**
 * Keys for finding a transport by its local user fragment without a String per packet. A fragment
 * of up to 8 bytes (all that we generate) is its own key; a longer one (ice4j's) is hashed. Equal
 * keys are therefore a hint: whoever is found still verifies the whole USERNAME.
 */
public final class IceUfrag {
  /** The key of no fragment. */
  public static final long NONE = 0;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private IceUfrag() {}

  /** The key of a fragment; its characters are ice-chars, so one byte each (RFC 8839 §5.4). */
  public static long key(String ufrag) {
    byte[] bytes = ufrag.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    return key(bytes, 0, bytes.length);
  }

  static long key(byte[] bytes, int offset, int length) {
    if (length <= 8) {
      long packed = 0;
      for (int i = 0; i < length; i++) {
        packed = packed << 8 | (bytes[offset + i] & 0xff);
      }
      return packed;
    }
    long hash = FNV_OFFSET;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ (bytes[offset + i] & 0xff)) * FNV_PRIME;
    }
    // ice-chars are ASCII: the top bit keeps hashed keys apart from packed ones.
    return hash | Long.MIN_VALUE;
  }
}
