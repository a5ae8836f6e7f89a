package live.banyan.sfu.rtcp;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put24;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.rtcp.TransportFeedback.LARGE_DELTA;
import static live.banyan.sfu.rtcp.TransportFeedback.NOT_RECEIVED;
import static live.banyan.sfu.rtcp.TransportFeedback.SMALL_DELTA;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Writes transport-wide congestion control feedback: {@link #begin}, then {@link #add} in sequence
 * order until it refuses, then {@link #write}. Used over and over; allocates nothing after
 * construction. Not thread safe.
 */
public final class TransportFeedbackWriter {
  /** Packets that one feedback can report. */
  public static final int MAX_STATUSES = 1_024;

  /** RTCP and feedback headers. */
  private static final int HEADER_LENGTH = 12 + TransportFeedback.HEADER_LENGTH;

  private static final int MAX_RUN = 0x1FFF;
  private static final int ONE_BIT_SYMBOLS = 14;
  private static final int TWO_BIT_SYMBOLS = 7;

  private final byte[] symbols = new byte[MAX_STATUSES];
  private final short[] deltas = new short[MAX_STATUSES];
  private int count;
  private int deltaBytes;
  private int baseSequence;
  private long referenceTicks;
  private long lastTicks;

  /**
   * Starts a feedback.
   *
   * @param baseSequence packet index of the first status
   * @param firstArrivalUs arrival of the first received packet; the reference time is taken from it
   */
  public void begin(long baseSequence, long firstArrivalUs) {
    this.baseSequence = (int) baseSequence & 0xFFFF;
    referenceTicks = Math.floorDiv(firstArrivalUs, TransportFeedback.REFERENCE_UNIT_US);
    // Ticks of 250 us, so that rounding errors do not add up.
    lastTicks =
        referenceTicks * (TransportFeedback.REFERENCE_UNIT_US / TransportFeedback.DELTA_UNIT_US);
    count = 0;
    deltaBytes = 0;
  }

  /** Packets added. */
  public int count() {
    return count;
  }

  /**
   * The next packet in sequence order arrived.
   *
   * @return false, and nothing added, where the feedback is full or the packet is more than 8.1 s
   *     from the one before: it belongs into the next feedback
   */
  public boolean addReceived(long arrivalUs) {
    long ticks = Math.floorDiv(arrivalUs, TransportFeedback.DELTA_UNIT_US);
    long delta = ticks - lastTicks;
    if (count == MAX_STATUSES || delta < Short.MIN_VALUE || delta > Short.MAX_VALUE) {
      return false;
    }
    int symbol = delta >= 0 && delta <= 255 ? SMALL_DELTA : LARGE_DELTA;
    symbols[count] = (byte) symbol;
    deltas[count] = (short) delta;
    count++;
    deltaBytes += symbol;
    lastTicks = ticks;
    return true;
  }

  /**
   * The next {@code packets} in sequence order have not arrived.
   *
   * @return false, and nothing added, where the feedback is full
   */
  public boolean addMissing(long packets) {
    if (packets > MAX_STATUSES - count) {
      return false;
    }
    for (int i = 0; i < packets; i++) {
      symbols[count++] = NOT_RECEIVED;
    }
    return true;
  }

  /** Most bytes that {@link #write} takes for what was added so far. */
  public int maxLength() {
    return (HEADER_LENGTH + 2 * ((count + TWO_BIT_SYMBOLS - 1) / TWO_BIT_SYMBOLS) + deltaBytes + 3)
        & ~3;
  }

  /**
   * Writes the feedback; at least one packet must have been added.
   *
   * @param feedbackCount grows by one per feedback, modulo 256
   * @return length in bytes, a multiple of 4
   */
  public int write(MemorySegment dst, long offset, int sender, int media, int feedbackCount) {
    if (count == 0) {
      throw new IllegalStateException("a feedback reports at least one packet");
    }
    long fci = offset + 12;
    put16(dst, fci, baseSequence);
    put16(dst, fci + 2, count);
    put24(dst, fci + 4, (int) referenceTicks);
    put8(dst, fci + 7, feedbackCount);
    long at = writeChunks(dst, fci + TransportFeedback.HEADER_LENGTH);
    for (int i = 0; i < count; i++) {
      if (symbols[i] == SMALL_DELTA) {
        put8(dst, at++, deltas[i]);
      } else if (symbols[i] == LARGE_DELTA) {
        put16(dst, at, deltas[i]);
        at += 2;
      }
    }
    int unpadded = (int) (at - offset);
    int length = (unpadded + 3) & ~3;
    for (int i = unpadded; i < length; i++) {
      put8(dst, offset + i, i == length - 1 ? length - unpadded : 0);
    }
    RtcpWriter.feedbackHeader(
        dst,
        offset,
        RtcpCompound.FMT_TRANSPORT_FEEDBACK,
        RtcpCompound.RTPFB,
        length,
        sender,
        media);
    if (length > unpadded) {
      put8(dst, offset, NetworkOrder.u8(dst, offset) | 0x20);
    }
    return length;
  }

  private long writeChunks(MemorySegment dst, long start) {
    long at = start;
    int i = 0;
    while (i < count) {
      int run = runLength(i);
      if (run > ONE_BIT_SYMBOLS || i + run == count) {
        put16(dst, at, symbols[i] << 13 | run);
        i += run;
      } else if (fitsOneBit(i)) {
        put16(dst, at, 0x8000 | vector(i, ONE_BIT_SYMBOLS, 1));
        i += ONE_BIT_SYMBOLS;
      } else if (run >= TWO_BIT_SYMBOLS) {
        put16(dst, at, symbols[i] << 13 | run);
        i += run;
      } else {
        put16(dst, at, 0xC000 | vector(i, TWO_BIT_SYMBOLS, 2));
        i += TWO_BIT_SYMBOLS;
      }
      at += 2;
    }
    return at;
  }

  private int runLength(int from) {
    int end = from + 1;
    while (end < count && end - from < MAX_RUN && symbols[end] == symbols[from]) {
      end++;
    }
    return end - from;
  }

  private boolean fitsOneBit(int from) {
    int end = Math.min(count, from + ONE_BIT_SYMBOLS);
    for (int i = from; i < end; i++) {
      if (symbols[i] == LARGE_DELTA) {
        return false;
      }
    }
    return true;
  }

  /** Symbols beyond the last packet are 0. */
  private int vector(int from, int size, int bits) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      int symbol = from + i < count ? symbols[from + i] : 0;
      value = value << bits | symbol;
    }
    return value;
  }
}
