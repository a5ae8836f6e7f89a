package live.banyan.mesh.wire;

/**
 * The one form in which values may come: one array of definite length, holding integers and lengths
 * in their shortest form, byte strings, texts, booleans and arrays of these (RFC 8949, 4.2.1).
 * Maps, tags, floating-point numbers, null and indefinite lengths do not occur in our messages.
 */
final class CborForm {
  /** The outermost array, its lists, their entries, and the lists in these. */
  private static final int DEPTH_MAX = 4;

  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int ARRAY = 4;
  private static final int FALSE = 0xf4;
  private static final int TRUE = 0xf5;

  private final byte[] bytes;
  private int at;

  private CborForm(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Throws unless the bytes are one array in deterministic form, and nothing behind it. */
  static void check(byte[] bytes) throws MalformedException {
    CborForm form = new CborForm(bytes);
    if (bytes.length == 0 || (bytes[0] & 0xff) >> 5 != ARRAY) {
      throw new MalformedException("no array");
    }
    form.item(1);
    if (form.at != bytes.length) {
      throw new MalformedException("bytes after the end");
    }
  }

  private void item(int depth) throws MalformedException {
    int first = u8();
    switch (first >> 5) {
      case UNSIGNED, NEGATIVE -> argument(first);
      case BYTES, TEXT -> skip(argument(first));
      case ARRAY -> {
        long count = argument(first);
        if (depth > DEPTH_MAX || count < 0 || count > bytes.length - at) {
          throw new MalformedException("an array too deep or too long");
        }
        for (long i = 0; i < count; i++) {
          item(depth + 1);
        }
      }
      default -> {
        if (first != FALSE && first != TRUE) {
          throw new MalformedException("an item of a kind that does not occur");
        }
      }
    }
  }

  private long argument(int first) throws MalformedException {
    int info = first & 31;
    return switch (info) {
      case 24 -> shortest(1, 24);
      case 25 -> shortest(2, 1L << 8);
      case 26 -> shortest(4, 1L << 16);
      case 27 -> shortest(8, 1L << 32);
      default -> {
        if (info > 27) {
          throw new MalformedException("an indefinite or reserved length");
        }
        yield info;
      }
    };
  }

  /** A big-endian number that would not have fitted into fewer bytes. */
  private long shortest(int count, long least) throws MalformedException {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | u8();
    }
    if (Long.compareUnsigned(value, least) < 0) {
      throw new MalformedException("a number that is longer than needed");
    }
    return value;
  }

  private void skip(long count) throws MalformedException {
    if (count < 0 || count > bytes.length - at) {
      throw new MalformedException("cut off");
    }
    at += (int) count;
  }

  private int u8() throws MalformedException {
    if (at == bytes.length) {
      throw new MalformedException("cut off");
    }
    return bytes[at++] & 0xff;
  }
}
