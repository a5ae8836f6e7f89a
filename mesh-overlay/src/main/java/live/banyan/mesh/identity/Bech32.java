package live.banyan.mesh.identity;

import java.util.Optional;

/**
 * Bytes as text that people copy, read out and type: 32 letters and digits that do not look alike,
 * with a checksum that finds every change of up to four characters (Bech32m, BIP 350).
 */
public final class Bech32 {
  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int CHECKSUM_CHARS = 6;
  private static final int CONSTANT = 0x2bc830a3;
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };

  private Bech32() {}

  /**
   * Writes bytes.
   *
   * @param kind lower-case letters that say what the bytes are; stands before a 1
   */
  public static String write(String kind, byte[] bytes) {
    int[] values = groups(bytes);
    StringBuilder text = new StringBuilder(kind).append('1');
    for (int value : values) {
      text.append(ALPHABET.charAt(value));
    }
    int check = checksum(kind, values, new int[CHECKSUM_CHARS]) ^ CONSTANT;
    for (int i = CHECKSUM_CHARS - 1; i >= 0; i--) {
      text.append(ALPHABET.charAt(check >>> 5 * i & 31));
    }
    return text.toString();
  }

  /** Reads bytes of a kind, in lower or upper case; empty when a character is wrong or missing. */
  public static Optional<byte[]> read(String kind, String text) {
    boolean upper = text.equals(text.toUpperCase(java.util.Locale.ROOT));
    String lower = upper ? text.toLowerCase(java.util.Locale.ROOT) : text;
    int from = kind.length() + 1;
    if (!lower.startsWith(kind + "1") || lower.length() < from + CHECKSUM_CHARS) {
      return Optional.empty();
    }
    int[] all = new int[lower.length() - from];
    for (int i = 0; i < all.length; i++) {
      all[i] = ALPHABET.indexOf(lower.charAt(from + i));
      if (all[i] < 0) {
        return Optional.empty();
      }
    }
    if (checksum(kind, all, new int[0]) != CONSTANT) {
      return Optional.empty();
    }
    return bytes(all, all.length - CHECKSUM_CHARS);
  }

  private static int[] groups(byte[] bytes) {
    int[] values = new int[(bytes.length * 8 + 4) / 5];
    for (int i = 0; i < values.length; i++) {
      for (int bit = 5 * i; bit < 5 * i + 5; bit++) {
        int value = bit / 8 < bytes.length ? bytes[bit / 8] >> 7 - bit % 8 & 1 : 0;
        values[i] = values[i] << 1 | value;
      }
    }
    return values;
  }

  /** What is left of the last group must be zeros, and less than a group. */
  private static Optional<byte[]> bytes(int[] values, int count) {
    byte[] bytes = new byte[count * 5 / 8];
    for (int bit = 0; bit < count * 5; bit++) {
      int value = values[bit / 5] >> 4 - bit % 5 & 1;
      if (bit < bytes.length * 8) {
        bytes[bit / 8] |= (byte) (value << 7 - bit % 8);
      } else if (value != 0 || count * 5 - bytes.length * 8 >= 5) {
        return Optional.empty();
      }
    }
    return Optional.of(bytes);
  }

  private static int checksum(String kind, int[] values, int[] room) {
    int sum = 1;
    for (int i = 0; i < kind.length(); i++) {
      sum = add(sum, kind.charAt(i) >> 5);
    }
    sum = add(sum, 0);
    for (int i = 0; i < kind.length(); i++) {
      sum = add(sum, kind.charAt(i) & 31);
    }
    for (int value : values) {
      sum = add(sum, value);
    }
    for (int value : room) {
      sum = add(sum, value);
    }
    return sum;
  }

  private static int add(int sum, int value) {
    int next = (sum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < GENERATOR.length; i++) {
      if ((sum >>> 25 + i & 1) != 0) {
        next ^= GENERATOR[i];
      }
    }
    return next;
  }
}
