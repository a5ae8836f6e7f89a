package live.banyan.sfu.congestion;

import live.banyan.sfu.rtp.SequenceNumbers;

/**
 * What left towards one receiver, by transport-wide sequence number, until feedback tells what
 * became of it. Remembers {@value #KEPT_US} microseconds, and {@link #CAPACITY} packets at most, in
 * 4 to 16 KB as the rate asks for. Not thread safe.
 */
public final class SentPackets {
  /** Packets remembered at most: two seconds of 10 Mbit/s. A power of two. */
  public static final int CAPACITY = 2_048;

  /** Room at first: 2.5 Mbit/s. A power of two. */
  private static final int FIRST_CAPACITY = 512;

  /** What left before that is no longer on its way (see {@link CongestionControl}). */
  private static final long KEPT_US = 1_500_000;

  private static final byte FLYING = 1;
  private static final byte MISSING = 2;

  /** Indexes grow from one turn up, so that the first sequence number has neighbours below. */
  private static final long FIRST = 0x1_0000L;

  private static final int PROBE_SHIFT = 8;
  private static final int LENGTH_SHIFT = 16;
  private static final int TIME_SHIFT = 32;
  private static final long STATE = 0xFF;

  // A packet in one word, eight packets in a line of the processor's cache: with many receivers
  // none of them is found there from the frame before. From the low end: state, probe, length, and
  // the low 32 bits of microseconds; a packet is looked up within seconds, they wrap after an hour.
  private long[] packets = new long[FIRST_CAPACITY];

  private long next = FIRST;

  /** No packet below flies. */
  private long settled = next;

  private int inFlightBytes;

  /** The sequence number that the next packet is to carry, 0 to 65,535. */
  public int nextSequence() {
    return (int) next & 0xFFFF;
  }

  /**
   * A packet with {@link #nextSequence} left.
   *
   * @param bytes 1 to 65,535
   * @param probe number of the probe it belongs to, 0 to 127; 0 for none
   */
  public void add(int bytes, int probe, long nowUs) {
    if (next - FIRST >= packets.length
        && packets.length < CAPACITY
        && (int) nowUs - leftUs(next - packets.length) < KEPT_US) {
      grow();
    }
    if (next - settled == packets.length) {
      forget(settled);
    }
    packets[slot(next)] =
        nowUs << TIME_SHIFT | (long) bytes << LENGTH_SHIFT | (long) probe << PROBE_SHIFT | FLYING;
    inFlightBytes += bytes;
    next++;
  }

  /**
   * The packet that a receiver means.
   *
   * @return its index, or -1 for one that never left or is too old
   */
  public long indexOf(int sequence) {
    long index = SequenceNumbers.extend(next - 1, sequence & 0xFFFF);
    return index < next && index >= oldest() ? index : -1;
  }

  private long oldest() {
    return Math.max(FIRST, next - packets.length);
  }

  private int slot(long index) {
    return (int) index & packets.length - 1;
  }

  /** Twice for a viewer at most, soon after the rate has grown. */
  private void grow() {
    long[] before = packets;
    packets = new long[before.length * 2];
    for (long index = next - before.length; index < next; index++) {
      packets[slot(index)] = before[(int) index & before.length - 1];
    }
  }

  /** Notes that a packet arrived. @return false where that is no news */
  public boolean arrived(long index) {
    if (state(index) == 0) {
      return false;
    }
    land(index, (byte) 0);
    return true;
  }

  /** Notes that a packet is missing; it may arrive yet. @return false where that is no news */
  public boolean missing(long index) {
    if (state(index) != FLYING) {
      return false;
    }
    land(index, MISSING);
    return true;
  }

  /** Whether a packet has been reported missing and not arrived since. */
  public boolean isMissing(long index) {
    return state(index) == MISSING;
  }

  private byte state(long index) {
    return (byte) packets[slot(index)];
  }

  private void land(long index, byte state) {
    inFlightBytes -= state(index) == FLYING ? bytes(index) : 0;
    int slot = slot(index);
    packets[slot] = packets[slot] & ~STATE | state;
  }

  /** Packets that left before {@code sinceUs} and that no feedback spoke of fly no longer. */
  public void expire(long sinceUs) {
    while (settled < next) {
      if (state(settled) == FLYING && leftUs(settled) - (int) sinceUs >= 0) {
        return;
      }
      forget(settled);
    }
  }

  private void forget(long index) {
    if (state(index) == FLYING) {
      // Feedback that was late, not lost, can still tell when it arrived.
      land(index, MISSING);
    }
    settled++;
  }

  private int leftUs(long index) {
    return (int) (packets[slot(index)] >>> TIME_SHIFT);
  }

  /** When a packet left, given that it was less than half an hour ago. */
  public long sentUs(long index, long nowUs) {
    return nowUs - ((int) nowUs - leftUs(index));
  }

  /** Bytes of a packet. */
  public int bytes(long index) {
    return (int) (packets[slot(index)] >>> LENGTH_SHIFT) & 0xFFFF;
  }

  /** The probe that a packet belongs to; 0 for none. */
  public int probe(long index) {
    return (int) (packets[slot(index)] >>> PROBE_SHIFT) & 0x7F;
  }

  /** Bytes that left and of which nothing is known. */
  public int inFlightBytes() {
    return inFlightBytes;
  }
}
