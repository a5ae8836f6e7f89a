package live.banyan.sfu.media;

import java.util.Arrays;

/**
 * Rings of twice the size. What stood at a place stands there and half a ring further on: whoever
 * finds a place by the low bits of a number finds it in the one or the other.
 */
final class Twice {
  private Twice() {}

  static long[] of(long[] ring) {
    long[] wider = Arrays.copyOf(ring, ring.length * 2);
    System.arraycopy(ring, 0, wider, ring.length, ring.length);
    return wider;
  }

  static int[] of(int[] ring) {
    int[] wider = Arrays.copyOf(ring, ring.length * 2);
    System.arraycopy(ring, 0, wider, ring.length, ring.length);
    return wider;
  }

  static short[] of(short[] ring) {
    short[] wider = Arrays.copyOf(ring, ring.length * 2);
    System.arraycopy(ring, 0, wider, ring.length, ring.length);
    return wider;
  }

  static byte[] of(byte[] ring) {
    byte[] wider = Arrays.copyOf(ring, ring.length * 2);
    System.arraycopy(ring, 0, wider, ring.length, ring.length);
    return wider;
  }
}
