package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.FlexfecHeader;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.SequenceExtender;

/**
 * Makes lost packets of one stream from its repair packets (flexfec-03,
 * draft-ietf-payload-flexible-fec-scheme-03 §6). Keeps the last {@value #PACKETS} packets byte for
 * byte as they came, which the packet caches do not, and {@value #REPAIRS} repair packets that lack
 * more than one. Memory is taken by the first packet; nothing is allocated after that. Not thread
 * safe.
 */
public final class FlexfecDecoder implements AutoCloseable {
  /** Four times what one group of Chromium's may hold. */
  static final int PACKETS = 256;

  static final int REPAIRS = 64;

  /** Where the payload of a lost packet is longer than this, it is none of a stream's. */
  private static final int SLOT_BYTES = PacketCache.SLOT_BYTES;

  // Length, timestamp and everything behind the fixed header are covered by a repair packet.
  private static final int FIXED = RtpHeader.FIXED_LENGTH;

  /** Takes in a packet that was made anew. */
  public interface Recovered {
    /** The bytes are valid during the call; extensions that senders write last are zero. */
    void packet(MemorySegment memory, long offset, int length);
  }

  private final Arena arena = Arena.ofConfined();
  private MemorySegment memory = MemorySegment.NULL;
  private final SequenceExtender extender = new SequenceExtender();
  private final FlexfecHeader header = new FlexfecHeader();
  private final long[] sequences = new long[PACKETS];
  private final int[] lengths = new int[PACKETS];

  // Repair packets: where each begins in `memory`, what it protects, how long its payload is.
  private final long[] bases = new long[REPAIRS];
  private final long[] lows = new long[REPAIRS];
  private final long[] highs = new long[REPAIRS];
  private final int[] headerLengths = new int[REPAIRS];
  private final int[] repairLengths = new int[REPAIRS];
  private int next;
  private int waiting;
  private long expired;

  /** Begins without a packet. */
  public FlexfecDecoder() {
    Arrays.fill(sequences, -1);
  }

  /** Repair packets that wait for others of their group. */
  public int waiting() {
    return waiting;
  }

  /** Repair packets that were of no use: more than one of their group never came. */
  public long expired() {
    return expired;
  }

  /**
   * Notes a packet of the stream, as it came from its sender.
   *
   * @param ids identifiers of the extensions that senders write after the repair is made
   */
  public void onMedia(
      MemorySegment packet, long offset, int length, ExtensionMap ids, Recovered recovered) {
    if (length > SLOT_BYTES) {
      return;
    }
    reserve();
    long sequence = extender.extend(RtpHeader.sequence(packet, offset));
    int slot = (int) sequence & PACKETS - 1;
    if (sequences[slot] >= sequence) {
      return; // a duplicate, or older than what is kept
    }
    MemorySegment.copy(packet, offset, memory, at(slot), length);
    zero(at(slot), ids.id(ExtensionKind.TRANSPORT_SEQUENCE));
    zero(at(slot), ids.id(ExtensionKind.ABS_SEND_TIME));
    sequences[slot] = sequence;
    lengths[slot] = length;
    if (waiting > 0) {
      recover(recovered);
    }
  }

  /**
   * Takes in a repair packet.
   *
   * @param ssrc of the stream that this decoder is for
   * @return false where it is malformed, or not for this stream
   */
  public boolean onRepair(
      MemorySegment payload, long offset, int length, int ssrc, Recovered recovered) {
    if (length > SLOT_BYTES
        || !header.read(payload, offset, length)
        || header.protectedSsrc() != ssrc) {
      return false;
    }
    if (extender.newest() < 0) {
      return true; // what it protects began before us
    }
    reserve();
    if (repairLengths[next] != 0) {
      drop(next);
      expired++;
    }
    MemorySegment.copy(payload, offset, memory, repairAt(next), length);
    bases[next] = extender.estimate(header.base());
    lows[next] = header.low();
    highs[next] = header.high();
    headerLengths[next] = header.length();
    repairLengths[next] = length;
    next = next + 1 & REPAIRS - 1;
    waiting++;
    recover(recovered);
    return true;
  }

  private void reserve() {
    if (memory.byteSize() == 0) {
      memory = arena.allocate((long) (PACKETS + REPAIRS) * SLOT_BYTES, 64);
    }
  }

  private static long at(int slot) {
    return (long) slot * SLOT_BYTES;
  }

  private static long repairAt(int repair) {
    return (long) (PACKETS + repair) * SLOT_BYTES;
  }

  private void zero(long packet, int id) {
    long element = RtpExtensions.find(memory, packet, id);
    if (element != RtpExtensions.NONE) {
      memory.asSlice(RtpExtensions.offset(element), RtpExtensions.length(element)).fill((byte) 0);
    }
  }

  /** Each packet that is made may be what another group waits for. */
  private void recover(Recovered recovered) {
    boolean again = true;
    for (int round = 0; again && round < REPAIRS; round++) {
      again = false;
      for (int repair = 0; repair < REPAIRS; repair++) {
        again |= repairLengths[repair] != 0 && recover(repair, recovered);
      }
    }
  }

  /** Makes what a repair packet can make. @return whether it made a packet */
  private boolean recover(int repair, Recovered recovered) {
    long lost = -1;
    for (int i = 0; i < FlexfecHeader.MASK_BITS; i++) {
      long sequence = bases[repair] + i;
      // No packet has a negative number, which is also how an empty place is marked.
      if (isProtected(repair, i)
          && (sequence < 0 || sequences[(int) sequence & PACKETS - 1] != sequence)) {
        if (extender.newest() - sequence >= PACKETS || sequence < 0) {
          drop(repair);
          expired++;
          return false; // what is needed has been overwritten
        }
        if (lost >= 0) {
          return false;
        }
        lost = sequence;
      }
    }
    boolean made = lost >= 0 && make(repair, lost, recovered);
    drop(repair);
    return made;
  }

  private boolean isProtected(int repair, int i) {
    return i < Long.SIZE
        ? (lows[repair] >>> i & 1) != 0
        : (highs[repair] >>> i - Long.SIZE & 1) != 0;
  }

  private void drop(int repair) {
    repairLengths[repair] = 0;
    waiting--;
  }

  private boolean make(int repair, long lost, Recovered recovered) {
    int slot = (int) lost & PACKETS - 1;
    if (sequences[slot] > lost) {
      return false;
    }
    long made = at(slot);
    long fec = repairAt(repair);
    int covered = repairLengths[repair] - headerLengths[repair];
    int capacity = Math.min(SLOT_BYTES - FIXED, covered);
    sequences[slot] = -1; // whatever was there is overwritten from here on
    long first = NetworkOrder.i64(memory, fec);
    MemorySegment.copy(memory, fec + headerLengths[repair], memory, made + FIXED, capacity);
    for (int i = 0; i < FlexfecHeader.MASK_BITS; i++) {
      long sequence = bases[repair] + i;
      if (isProtected(repair, i) && sequence != lost) {
        int other = (int) sequence & PACKETS - 1;
        first ^= first(other);
        xor(at(other) + FIXED, made + FIXED, Math.min(lengths[other] - FIXED, capacity));
      }
    }
    int length = (int) (first >>> 32) & 0xFFFF;
    if (length > capacity) {
      return false;
    }
    // Of the two bits that a repair packet uses otherwise, a version is made (RFC 3550 §5.1).
    NetworkOrder.put16(memory, made, (int) (first >>> 48) & 0x3FFF | 0x8000);
    NetworkOrder.put16(memory, made + 2, (int) lost);
    NetworkOrder.put32(memory, made + 4, (int) first);
    NetworkOrder.put32(memory, made + 8, NetworkOrder.i32(memory, fec + 12));
    if (RtpHeader.check(memory, made, FIXED + length) < 0) {
      return false;
    }
    sequences[slot] = lost;
    lengths[slot] = FIXED + length;
    recovered.packet(memory, made, FIXED + length);
    return true;
  }

  /** The first eight bytes of a packet as a repair packet covers them: with length for sequence. */
  private long first(int slot) {
    long bytes = NetworkOrder.i64(memory, at(slot));
    return bytes & ~(0xFFFFL << 32) | (long) (lengths[slot] - FIXED) << 32;
  }

  private void xor(long from, long into, int length) {
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      long mixed = NetworkOrder.i64(memory, from + at) ^ NetworkOrder.i64(memory, into + at);
      NetworkOrder.put64(memory, into + at, mixed);
    }
    for (; at < length; at++) {
      int mixed = NetworkOrder.u8(memory, from + at) ^ NetworkOrder.u8(memory, into + at);
      NetworkOrder.put8(memory, into + at, mixed);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
