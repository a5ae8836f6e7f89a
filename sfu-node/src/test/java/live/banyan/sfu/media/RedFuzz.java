package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.RedPayload;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeader;

/**
 * A sound that comes plain and as redundant audio, genuine and of the fuzzer's making, through the
 * cache that the packets go to, and out again as redundant audio for viewers. What genuine packets
 * make good is what was lost; what is written once never changes.
 */
public final class RedFuzz {
  private static final int STEPS_MAX = 200;
  private static final int SLOTS = 64;
  private static final int PLAIN = 111;
  private static final int RED = 63;
  private static final int SAMPLES = 960;
  private static final int SSRC = 0x77;
  private static final long MS = 1_000_000L;

  private final FuzzInput input;
  private final Layer layer;
  private final RedReader reader = new RedReader();
  private final IncomingPacket packet = new IncomingPacket();
  private final Map<Integer, byte[]> frames = new HashMap<>();
  private int sequence;
  private int timestamp;
  private boolean forged;
  private long nowNs = 1;

  private RedFuzz(FuzzInput input, Layer layer) {
    this.input = input;
    this.layer = layer;
    sequence = input.u16();
    timestamp = input.i32();
  }

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    Runnable nothing = () -> {};
    try (Track track =
        new Track(
            1, Codec.OPUS, 1, SLOTS, ExtensionMap.EMPTY, new CacheRoom(0), nothing, nothing)) {
      RedFuzz world = new RedFuzz(input, track.layer(0));
      for (int i = 0; i < STEPS_MAX && !input.isEmpty(); i++) {
        world.step();
      }
    }
  }

  private void step() {
    int kind = input.u8();
    nowNs += 20 * MS;
    switch (kind & 3) {
      case 0 -> plain(kind >> 2);
      case 1, 2 -> redundant(kind >> 2);
      default -> forge(kind >> 2);
    }
    layer.nack().clear();
    layer.endBatch();
  }

  private byte[] next(int length) {
    byte[] frame = new byte[1 + length];
    byte[] content = input.bytes(length);
    System.arraycopy(content, 0, frame, 1, content.length);
    frames.put(sequence, frame);
    return frame;
  }

  private void went() {
    sequence = sequence + 1 & 0xffff;
    timestamp += SAMPLES;
  }

  private void plain(int length) {
    byte[] frame = next(length);
    boolean lost = input.flag();
    if (!lost) {
      receive(PLAIN, sequence, timestamp, frame);
    }
    went();
  }

  /** The next frame behind up to three before it. */
  private void redundant(int length) {
    byte[] frame = next(length);
    int older = 1 + input.u8() % 3;
    ByteBuffer out = ByteBuffer.allocate(2_000);
    for (int back = older; back > 0; back--) {
      byte[] before = frames.get(sequence - back & 0xffff);
      if (before != null) {
        out.put((byte) (0x80 | PLAIN));
        int fields = back * SAMPLES << 10 | before.length;
        out.put((byte) (fields >> 16)).putShort((short) fields);
      }
    }
    out.put((byte) PLAIN);
    for (int back = older; back > 0; back--) {
      byte[] before = frames.get(sequence - back & 0xffff);
      if (before != null) {
        out.put(before);
      }
    }
    out.put(frame);
    byte[] payload = new byte[out.position()];
    out.flip().get(payload);
    if (!input.flag()) {
      receive(RED, sequence, timestamp, payload);
    }
    went();
  }

  /** A payload of the fuzzer's, near the stream's numbers or not. */
  private void forge(int kind) {
    forged = true;
    int at = (kind & 1) == 0 ? sequence + (byte) input.u8() : input.u16();
    int time = (kind & 2) == 0 ? timestamp + (byte) input.u8() * SAMPLES : input.i32();
    receive((kind & 4) == 0 ? RED : PLAIN, at & 0xffff, time, input.bytes(input.u16() % 1_400));
  }

  private void receive(int payloadType, int number, int time, byte[] payload) {
    byte[] bytes = new byte[RtpHeader.FIXED_LENGTH + payload.length];
    MemorySegment whole = MemorySegment.ofArray(bytes);
    RtpHeader.write(whole, 0, false, payloadType, number, time, SSRC);
    System.arraycopy(payload, 0, bytes, RtpHeader.FIXED_LENGTH, payload.length);
    assertTrue(packet.read(FuzzInput.packet(bytes), FuzzInput.LEAD, bytes.length, nowNs));
    packet.readExtensions(ExtensionMap.EMPTY);
    if (payloadType == RED) {
      int older = reader.open(packet, PLAIN);
      assertTrue(older >= -1 && older <= RedPayload.MAX_BLOCKS);
      if (older < 0) {
        assertTrue(forged, "a genuine packet can be read");
        return;
      }
      for (int block = 0; block < older; block++) {
        IncomingPacket lost = reader.lacking(layer, block);
        if (lost != null) {
          assertTrue(layer.lacks(layer.resolve(lost.sequence())));
          assertTrue((number - lost.sequence() & 0xffff) <= RedPayload.MAX_BLOCKS);
          take(lost);
        }
      }
    }
    take(packet);
  }

  private void take(IncomingPacket taken) {
    int number = taken.sequence();
    switch (layer.onPacket(taken)) {
      case NEW, LATE -> stored(layer.resolve(number));
      case DUPLICATE, TOO_OLD, TOO_LARGE -> {}
    }
  }

  private void stored(long number) {
    PacketCache cache = layer.cache();
    int slot = cache.slotOf(number);
    assertTrue(slot >= 0);
    byte[] payload = bytes(cache.payloadOffset(slot), cache.payloadLength(slot));
    if (!forged) {
      assertArrayEquals(frames.get((int) number & 0xffff), payload, "what was lost is made good");
    }
    if (!RedWriter.prepare(cache, slot, PLAIN)) {
      return;
    }
    byte[] form = bytes(cache.redOffset(slot), cache.redLength(slot));
    assertTrue(form.length <= RedWriter.LENGTH_MAX);
    Newest newest = new Newest();
    int blocks = RedPayload.walk(MemorySegment.ofArray(form), 0, form.length, newest);
    assertEquals(cache.redBlocks(slot) + 1, blocks);
    assertTrue(blocks <= RedWriter.BLOCKS_MAX + 1);
    byte[] last = MemorySegment.ofArray(form).asSlice(newest.offset).toArray(ValueLayout.JAVA_BYTE);
    assertArrayEquals(payload, last, "the newest block is the packet");
    assertTrue(RedWriter.prepare(cache, slot, PLAIN));
    assertArrayEquals(form, bytes(cache.redOffset(slot), cache.redLength(slot)));
    assertArrayEquals(
        payload, bytes(cache.payloadOffset(slot), cache.payloadLength(slot)), "left alone");
  }

  private byte[] bytes(long offset, int length) {
    return layer.cache().memory().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static final class Newest implements RedPayload.Visitor {
    long offset;

    @Override
    public void block(int payloadType, int timestampOffset, long at, int length) {
      assertEquals(PLAIN, payloadType);
      offset = at;
    }
  }
}
