package live.banyan.sfu.congestion;

import live.banyan.sfu.rtp.SequenceNumbers;

/**
 * What left towards one receiver, by transport-wide sequence number, until feedback tells what
 * became of it. Remembers the newest {@link #CAPACITY} packets in about 16 KB. Not thread safe.
 */
public final class SentPackets {
  /** Packets remembered: two seconds of 10 Mbit/s. A power of two. */
  public static final int CAPACITY = 2_048;

  private static final int MASK = CAPACITY - 1;
  private static final byte FLYING = 1;
  private static final byte MISSING = 2;

  // Low 32 bits of microseconds: a packet is looked up within seconds, they wrap after an hour.
  private final int[] sentUs = new int[CAPACITY];
  private final short[] lengths = new short[CAPACITY];
  private final byte[] states = new byte[CAPACITY];
  private final byte[] probes = new byte[CAPACITY];

  /** Indexes grow from one turn up, so that the first sequence number has neighbours below. */
  private long next = 0x1_0000L;

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
    if (next - settled == CAPACITY) {
      forget(settled);
    }
    int slot = (int) next & MASK;
    sentUs[slot] = (int) nowUs;
    lengths[slot] = (short) bytes;
    probes[slot] = (byte) probe;
    states[slot] = FLYING;
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
    return Math.max(0x1_0000L, next - CAPACITY);
  }

  /** Notes that a packet arrived. @return false where that is no news */
  public boolean arrived(long index) {
    int slot = (int) index & MASK;
    byte before = states[slot];
    if (before == 0) {
      return false;
    }
    land(slot);
    states[slot] = 0;
    return true;
  }

  /** Notes that a packet is missing; it may arrive yet. @return false where that is no news */
  public boolean missing(long index) {
    int slot = (int) index & MASK;
    if (states[slot] != FLYING) {
      return false;
    }
    land(slot);
    states[slot] = MISSING;
    return true;
  }

  /** Whether a packet has been reported missing and not arrived since. */
  public boolean isMissing(long index) {
    return states[(int) index & MASK] == MISSING;
  }

  private void land(int slot) {
    if (states[slot] == FLYING) {
      inFlightBytes -= lengths[slot] & 0xFFFF;
    }
  }

  /** Packets that left before {@code sinceUs} and that no feedback spoke of fly no longer. */
  public void expire(long sinceUs) {
    while (settled < next) {
      int slot = (int) settled & MASK;
      if (states[slot] == FLYING && sentUs[slot] - (int) sinceUs >= 0) {
        return;
      }
      forget(settled);
    }
  }

  private void forget(long index) {
    int slot = (int) index & MASK;
    if (states[slot] == FLYING) {
      land(slot);
      // Feedback that was late, not lost, can still tell when it arrived.
      states[slot] = MISSING;
    }
    settled++;
  }

  /** When a packet left, given that it was less than half an hour ago. */
  public long sentUs(long index, long nowUs) {
    return nowUs - ((int) nowUs - sentUs[(int) index & MASK]);
  }

  /** Bytes of a packet. */
  public int bytes(long index) {
    return lengths[(int) index & MASK] & 0xFFFF;
  }

  /** The probe that a packet belongs to; 0 for none. */
  public int probe(long index) {
    return probes[(int) index & MASK];
  }

  /** Bytes that left and of which nothing is known. */
  public int inFlightBytes() {
    return inFlightBytes;
  }
}
