package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** An array that native bytes pass through on their way to and from the JDK's providers. */
final class HeapScratch {
  private byte[] bytes = new byte[2048];

  /** The array, at least this long. */
  byte[] ofSize(int length) {
    if (bytes.length < length) {
      wipe();
      bytes = new byte[length];
    }
    return bytes;
  }

  /** The array, starting with a copy of the given bytes. */
  byte[] load(MemorySegment from, long offset, int length) {
    byte[] to = ofSize(length);
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, to, 0, length);
    return to;
  }

  void wipe() {
    Arrays.fill(bytes, (byte) 0);
  }
}
