package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.codec.DependencyDescriptor;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.RtpHeader;
import org.jspecify.annotations.Nullable;

/**
 * The last packets of one layer in native memory, addressed by extended sequence number. One slot
 * is {@value #SLOT_BYTES} bytes: header and extensions as they arrived, {@value #RTX_ROOM} spare
 * bytes in which the original sequence number of an RTX packet is put (RFC 4588 §4), then the
 * payload without padding. What room is left at its end keeps the header that was written last, for
 * the next subscriber that wants the same extensions. Created, used and closed on the shard's
 * thread.
 */
public final class PacketCache implements AutoCloseable {
  /** Bytes of native memory per packet; an Ethernet frame's payload fits. */
  public static final int SLOT_BYTES = 1536;

  static final int RTX_ROOM = 2;

  /** {@link #redBlocks} of a packet that nobody has been sent with redundancy. */
  static final int RED_UNTRIED = -2;

  /** {@link #redBlocks} of a packet that has no room for it. */
  static final int RED_NONE = -1;

  private static final int HEADER_ROOM = 96;

  private static final int KINDS = IncomingPacket.CARRIED.length;
  private static final byte MARKER = 1;
  private static final byte KEYFRAME = 2;

  private Arena arena = Arena.ofConfined();
  // Reserved by the first packet: on most shards of a node most tracks stay empty.
  private MemorySegment memory = MemorySegment.NULL;
  private int mask;
  private long[] sequences;
  private long[] arrivalsNs;
  private int[] timestamps;
  private short[] payloadOffsets;
  private short[] payloadLengths;
  private byte[] flags;
  private short[] extensionOffsets;
  private byte[] extensionLengths;
  // VP8 picture ids: value, place in the payload and width; -1 where the packet has none.
  private short[] pictureIds;
  private byte[] pictureIdPlaces;
  private short[] tl0Indexes;
  private byte[] tl0Places;
  private byte[] paddings;
  private @Nullable HeaderTemplate[] headerTemplates;
  private short[] headerLengths;
  // Redundant forms of audio packets; reserved by the first viewer that takes them.
  private short @Nullable [] redLengths;
  private byte @Nullable [] redBlocks;
  private int held;

  /**
   * Reserves the slots.
   *
   * @param slots a power of two, 2 to 65,536
   */
  public PacketCache(int slots) {
    if (Integer.bitCount(slots) != 1 || slots < 2 || slots > 65_536) {
      throw new IllegalArgumentException(slots + " slots: not a power of two from 2 to 65536");
    }
    mask = slots - 1;
    sequences = new long[slots];
    Arrays.fill(sequences, -1);
    arrivalsNs = new long[slots];
    timestamps = new int[slots];
    payloadOffsets = new short[slots];
    payloadLengths = new short[slots];
    flags = new byte[slots];
    extensionOffsets = new short[slots * KINDS];
    extensionLengths = new byte[slots * KINDS];
    pictureIds = new short[slots];
    pictureIdPlaces = new byte[slots];
    tl0Indexes = new short[slots];
    tl0Places = new byte[slots];
    paddings = new byte[slots];
    headerTemplates = new HeaderTemplate[slots];
    headerLengths = new short[slots];
  }

  /** Number of packets that fit. */
  public int slots() {
    return mask + 1;
  }

  /** Number of packets held now. */
  public int held() {
    return held;
  }

  /** The native memory that all slots lie in. */
  public MemorySegment memory() {
    return memory;
  }

  /** The slot that holds a packet, or -1. */
  public int slotOf(long extendedSequence) {
    int slot = (int) extendedSequence & mask;
    return sequences[slot] == extendedSequence ? slot : -1;
  }

  /** Whether a packet of this size fits into a slot. */
  static boolean fits(IncomingPacket packet) {
    return packet.payloadOffset + RTX_ROOM + packet.payloadLength <= SLOT_BYTES;
  }

  /** Whether a packet would overwrite one that came less than {@code keptNs} before. */
  boolean outgrown(long extendedSequence, long nowNs, long keptNs) {
    int slot = (int) extendedSequence & mask;
    // Numbers that jump overwrite young packets too, in a cache that is nearly empty.
    return sequences[slot] >= 0
        && nowNs - arrivalsNs[slot] < keptNs
        && held >= slots() - slots() / 4;
  }

  /** Doubles the slots; what is held stays. Offsets in {@link #memory} before it mean nothing. */
  void grow() {
    int before = slots();
    mask = before * 2 - 1;
    sequences = Twice.of(sequences);
    arrivalsNs = Twice.of(arrivalsNs);
    timestamps = Twice.of(timestamps);
    payloadOffsets = Twice.of(payloadOffsets);
    payloadLengths = Twice.of(payloadLengths);
    flags = Twice.of(flags);
    extensionOffsets = Twice.of(extensionOffsets);
    extensionLengths = Twice.of(extensionLengths);
    pictureIds = Twice.of(pictureIds);
    pictureIdPlaces = Twice.of(pictureIdPlaces);
    tl0Indexes = Twice.of(tl0Indexes);
    tl0Places = Twice.of(tl0Places);
    paddings = Twice.of(paddings);
    headerTemplates = new HeaderTemplate[before * 2];
    headerLengths = Twice.of(headerLengths);
    redLengths = redLengths == null ? null : Twice.of(redLengths);
    redBlocks = redBlocks == null ? null : Twice.of(redBlocks);
    for (int slot = 0; slot < slots(); slot++) {
      if (sequences[slot] >= 0 && ((int) sequences[slot] & mask) != slot) {
        sequences[slot] = -1;
      }
    }
    if (memory.byteSize() > 0) {
      Arena wider = Arena.ofConfined();
      MemorySegment grown = wider.allocate((long) slots() * SLOT_BYTES, 64);
      MemorySegment.copy(memory, 0, grown, 0, memory.byteSize());
      MemorySegment.copy(memory, 0, grown, memory.byteSize(), memory.byteSize());
      arena.close();
      arena = wider;
      memory = grown;
    }
  }

  /** Copies a packet in, over the one that is {@link #slots()} older. */
  int put(long extendedSequence, IncomingPacket packet) {
    if (memory.byteSize() == 0) {
      memory = arena.allocate((long) slots() * SLOT_BYTES, 64);
    }
    int slot = (int) extendedSequence & mask;
    long start = (long) slot * SLOT_BYTES;
    int payloadAt = packet.payloadOffset + RTX_ROOM;
    MemorySegment.copy(packet.memory, packet.offset, memory, start, packet.payloadOffset);
    MemorySegment.copy(
        packet.memory,
        packet.offset + packet.payloadOffset + packet.payloadSkip,
        memory,
        start + payloadAt,
        packet.payloadLength);
    if (sequences[slot] < 0) {
      held++;
    }
    sequences[slot] = extendedSequence;
    arrivalsNs[slot] = packet.arrivalNs;
    timestamps[slot] = packet.timestamp;
    payloadOffsets[slot] = (short) payloadAt;
    payloadLengths[slot] = (short) packet.payloadLength;
    flags[slot] = (byte) ((packet.marker ? MARKER : 0) | (packet.keyframe ? KEYFRAME : 0));
    int base = slot * KINDS;
    for (int kind = 0; kind < KINDS; kind++) {
      extensionOffsets[base + kind] = (short) packet.extensionOffsets[kind];
      extensionLengths[base + kind] = (byte) packet.extensionLengths[kind];
    }
    pictureIds[slot] = (short) packet.pictureId;
    pictureIdPlaces[slot] = (byte) (packet.pictureIdPlace << 1 | (packet.pictureIdWide ? 1 : 0));
    tl0Indexes[slot] = (short) packet.tl0Index;
    tl0Places[slot] = (byte) packet.tl0Place;
    paddings[slot] = 0;
    headerTemplates[slot] = null;
    if (redBlocks != null) {
      redBlocks[slot] = RED_UNTRIED;
    }
    return slot;
  }

  long extendedSequence(int slot) {
    return sequences[slot];
  }

  /** When the packet came, in the shard's clock. */
  public long arrivalNs(int slot) {
    return arrivalsNs[slot];
  }

  /** The source's RTP timestamp. */
  public int timestamp(int slot) {
    return timestamps[slot];
  }

  /** Offset of the payload in {@link #memory()}; two bytes in front of it are free. */
  public long payloadOffset(int slot) {
    return (long) slot * SLOT_BYTES + (payloadOffsets[slot] & 0xFFFF);
  }

  /** Payload bytes, without padding. */
  public int payloadLength(int slot) {
    return payloadLengths[slot] & 0xFFFF;
  }

  /** Bytes of payload and of the extensions that subscribers may be sent: what sizes differ by. */
  int variableLength(int slot) {
    int length = payloadLength(slot);
    for (int kind = 0; kind < KINDS; kind++) {
      length += extensionLength(slot, kind);
    }
    return length;
  }

  /**
   * Puts RTP padding (RFC 3550 §5.1) behind the payload, for all subscribers alike; before the
   * first of them is sent the packet, since its bytes must never change after that. Without room
   * there is none.
   *
   * @param bytes 1 to 127
   */
  void pad(int slot, int bytes) {
    int end = (payloadOffsets[slot] & 0xFFFF) + payloadLength(slot) + bytes;
    if (end <= SLOT_BYTES) {
      long at = payloadOffset(slot) + payloadLength(slot);
      for (int i = 0; i < bytes - 1; i++) {
        NetworkOrder.put8(memory, at + i, 0);
      }
      NetworkOrder.put8(memory, at + bytes - 1, bytes);
      paddings[slot] = (byte) bytes;
    }
  }

  /** Padding bytes behind the payload; repetitions as RTX go without. */
  int padding(int slot) {
    return paddings[slot];
  }

  boolean marker(int slot) {
    return (flags[slot] & MARKER) != 0;
  }

  /** Whether a keyframe starts with this packet. */
  public boolean keyframe(int slot) {
    return (flags[slot] & KEYFRAME) != 0;
  }

  long extensionOffset(int slot, int kind) {
    return (long) slot * SLOT_BYTES + (extensionOffsets[slot * KINDS + kind] & 0xFFFF);
  }

  /** Bytes of an extension's value; 0 where the packet has none. */
  int extensionLength(int slot, int kind) {
    return extensionLengths[slot * KINDS + kind] & 0xFF;
  }

  /** Number of the packet's frame, 16 bits, from its dependency descriptor; -1 without. */
  int frameNumber(int slot) {
    return DependencyDescriptor.isValid(extensionLength(slot, IncomingPacket.DESCRIPTOR))
        ? DependencyDescriptor.frameNumber(memory, extensionOffset(slot, IncomingPacket.DESCRIPTOR))
        : -1;
  }

  /** Whether {@link #headerOffset} has a header with these extensions; its fixed part is stale. */
  boolean keepsHeader(int slot, HeaderTemplate template) {
    HeaderTemplate kept = headerTemplates[slot];
    return kept != null && kept.sameAs(template);
  }

  long headerOffset(int slot) {
    return (slot + 1L) * SLOT_BYTES - headerLengths[slot];
  }

  int headerLength(int slot) {
    return headerLengths[slot];
  }

  /** Keeps a header for the next subscriber, where the slot has room. */
  void keepHeader(int slot, HeaderTemplate template, MemorySegment from, long at, int length) {
    int red = redBlocks(slot) < 0 ? 0 : redLength(slot);
    if (payloadEnd(slot) + red + length <= SLOT_BYTES) {
      headerTemplates[slot] = template;
      headerLengths[slot] = (short) length;
      MemorySegment.copy(from, at, memory, headerOffset(slot), length);
    }
  }

  private int payloadEnd(int slot) {
    return (payloadOffsets[slot] & 0xFFFF) + payloadLength(slot) + paddings[slot];
  }

  /** Older frames in the packet's redundant form; negative: there is none. */
  int redBlocks(int slot) {
    return redBlocks == null ? RED_UNTRIED : redBlocks[slot];
  }

  /** Where the redundant form lies in {@link #memory()}. */
  long redOffset(int slot) {
    return (long) slot * SLOT_BYTES + payloadEnd(slot);
  }

  /** Bytes of the redundant form. */
  int redLength(int slot) {
    return redLengths == null ? 0 : redLengths[slot];
  }

  /** Bytes that a packet's redundant form may have. */
  int redRoom(int slot) {
    return SLOT_BYTES - HEADER_ROOM - payloadEnd(slot);
  }

  /**
   * Reserves {@link #redOffset} for as long as the packet is held.
   *
   * @param blocks older frames, or {@link #RED_NONE}
   * @param length at most {@link #redRoom} where there is a form
   */
  void keepRed(int slot, int blocks, int length) {
    if (redBlocks == null || redLengths == null) {
      redLengths = new short[slots()];
      redBlocks = new byte[slots()];
      Arrays.fill(redBlocks, (byte) RED_UNTRIED);
    }
    redBlocks[slot] = (byte) blocks;
    redLengths[slot] = (short) length;
    if (headerLengths[slot] > HEADER_ROOM) {
      headerTemplates[slot] = null;
    }
  }

  /** The VP8 picture id that the source wrote, or -1. */
  int pictureId(int slot) {
    return pictureIds[slot];
  }

  private int pictureIdPlace(int slot) {
    return (pictureIdPlaces[slot] & 0xFF) >> 1;
  }

  private boolean pictureIdWide(int slot) {
    return (pictureIdPlaces[slot] & 1) != 0;
  }

  /** The VP8 TL0PICIDX that the source wrote, or -1. */
  int tl0Index(int slot) {
    return tl0Indexes[slot];
  }

  /** Overwrites the picture id in the cached payload; its width stays the source's. */
  void writePictureId(int slot, int pictureId) {
    long at = payloadOffset(slot) + pictureIdPlace(slot);
    if (pictureIdWide(slot)) {
      NetworkOrder.put16(memory, at, 0x8000 | (pictureId & 0x7FFF));
    } else {
      NetworkOrder.put8(memory, at, pictureId & 0x7F);
    }
  }

  /** Undoes what subscribers wrote into the cached payload. */
  void restorePayload(int slot) {
    if (pictureId(slot) >= 0) {
      writePictureId(slot, pictureId(slot));
    }
    if (tl0Index(slot) >= 0) {
      writeTl0Index(slot, tl0Index(slot));
    }
  }

  /**
   * Copies a packet out as its source sent it, under its own sequence number and without padding.
   *
   * @return its length; at most {@link #SLOT_BYTES}
   */
  public int copyOut(int slot, MemorySegment dst) {
    restorePayload(slot);
    long start = (long) slot * SLOT_BYTES;
    int headerLength = (payloadOffsets[slot] & 0xFFFF) - RTX_ROOM;
    int payloadLength = payloadLength(slot);
    MemorySegment.copy(memory, start, dst, 0, headerLength);
    MemorySegment.copy(memory, payloadOffset(slot), dst, headerLength, payloadLength);
    NetworkOrder.put16(dst, 2, (int) sequences[slot]);
    RtpHeader.clearPadding(dst, 0);
    return headerLength + payloadLength;
  }

  /** Overwrites TL0PICIDX in the cached payload. */
  void writeTl0Index(int slot, int tl0Index) {
    NetworkOrder.put8(memory, payloadOffset(slot) + tl0Places[slot], tl0Index);
  }

  @Override
  public void close() {
    arena.close();
  }
}
