package live.banyan.sfu.rtp;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Exact-size segments for tests: one byte too far throws, and so fails the test. */
public final class Packets {
  private Packets() {}

  public static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
  }

  public static MemorySegment segment(String hex) {
    return MemorySegment.ofArray(bytes(hex));
  }

  public static MemorySegment segment(byte[] bytes) {
    return MemorySegment.ofArray(bytes.clone());
  }

  public static MemorySegment empty(int length) {
    return MemorySegment.ofArray(new byte[length]);
  }

  public static byte[] slice(MemorySegment segment, long offset, int length) {
    return segment.asSlice(offset, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  public static String hex(MemorySegment segment, long offset, int length) {
    return HexFormat.of().formatHex(slice(segment, offset, length));
  }

  /** The bytes with some of them replaced, and perhaps cut short. */
  public static byte[] mutate(byte[] original, int cut, java.util.List<Integer> edits) {
    byte[] mutated = java.util.Arrays.copyOf(original, Math.min(cut, original.length));
    for (int edit : edits) {
      if (mutated.length > 0) {
        mutated[(edit >>> 8) % mutated.length] = (byte) edit;
      }
    }
    return mutated;
  }
}
