package live.banyan.sfu.congestion;

import org.jspecify.annotations.Nullable;

/**
 * Under which transport-wide number each packet of a stream left, for reports that name it by its
 * own. Remembers {@link SentPackets#CAPACITY} packets of each stream, 8 KB for each. Not thread
 * safe.
 */
final class SentStreams {
  /** What leaves on further ones is not counted. */
  static final int STREAMS_MAX = 64;

  static final int NONE = -1;

  private static final int MASK = SentPackets.CAPACITY - 1;

  private final int[] ssrcs = new int[STREAMS_MAX];
  // The stream's number above, the transport's below.
  private final int[] @Nullable [] numbers = new int[STREAMS_MAX] @Nullable [];
  private int count;
  private int lastStream;

  /**
   * A packet left.
   *
   * @param number transport-wide
   */
  void sent(int ssrc, int sequence, int number) {
    int stream = find(ssrc);
    if (stream < 0) {
      stream = add(ssrc);
    }
    int[] known = stream < 0 ? null : numbers[stream];
    if (known != null) {
      known[sequence & MASK] = sequence << 16 | number & 0xFFFF;
    }
  }

  /** The transport-wide number that a packet left with, or {@link #NONE}. */
  int number(int ssrc, int sequence) {
    int stream = find(ssrc);
    int[] known = stream < 0 ? null : numbers[stream];
    if (known == null) {
      return NONE;
    }
    int found = known[sequence & MASK];
    return found >>> 16 == (sequence & 0xFFFF) ? found & 0xFFFF : NONE;
  }

  private int find(int ssrc) {
    if (lastStream < count && ssrcs[lastStream] == ssrc) {
      return lastStream;
    }
    for (int i = 0; i < count; i++) {
      if (ssrcs[i] == ssrc) {
        lastStream = i;
        return i;
      }
    }
    return NONE;
  }

  private int add(int ssrc) {
    if (count == STREAMS_MAX) {
      return NONE;
    }
    int[] empty = new int[SentPackets.CAPACITY];
    for (int i = 0; i < empty.length; i++) {
      // A sequence number that can never stand in this place.
      empty[i] = i + 1 << 16;
    }
    ssrcs[count] = ssrc;
    numbers[count] = empty;
    return count++;
  }
}
