package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.shard.FlexfecPackets;

/**
 * A stream and its repair packets, of which the fuzzer loses what it likes, and media and repair
 * packets that it made itself. Work is bounded; what is made is a packet; and as long as nothing is
 * forged, it is the packet that was lost.
 */
public final class FlexfecFuzz {
  private static final int STEPS_MAX = 300;
  private static final int GROUP_MAX = 100;
  private static final int SSRC = 0x1234;
  private static final ExtensionMap IDS =
      new ExtensionMap(Map.of(ExtensionKind.TRANSPORT_SEQUENCE, 3, ExtensionKind.ABS_SEND_TIME, 4));

  private final FuzzInput input;
  private final FlexfecDecoder decoder;
  private final List<byte[]> covered = new ArrayList<>();
  private final Map<Integer, byte[]> genuine = new HashMap<>();
  private int sequence;
  private boolean forged;
  private int made;

  private FlexfecFuzz(FuzzInput input, FlexfecDecoder decoder) {
    this.input = input;
    this.decoder = decoder;
    sequence = input.u16();
  }

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    try (FlexfecDecoder decoder = new FlexfecDecoder()) {
      FlexfecFuzz world = new FlexfecFuzz(input, decoder);
      for (int i = 0; i < STEPS_MAX && !input.isEmpty(); i++) {
        world.made = 0;
        world.step();
        assertTrue(world.made <= FlexfecDecoder.REPAIRS, "a packet makes no more than it can");
        assertTrue(decoder.waiting() >= 0 && decoder.waiting() <= FlexfecDecoder.REPAIRS);
      }
    }
  }

  private void step() {
    int kind = input.u8();
    switch (kind & 3) {
      case 0, 1 -> media((kind & 4) != 0, kind >> 3);
      case 2 -> repair((kind & 4) != 0);
      default -> forge((kind & 4) != 0);
    }
  }

  /** The stream's next packet, which may be lost. */
  private void media(boolean lost, int length) {
    ByteBuffer out = ByteBuffer.allocate(12 + 12 + length);
    out.put((byte) 0x90).put((byte) (96 | length << 7)).putShort((short) sequence);
    out.putInt(sequence * 3_000).putInt(SSRC);
    out.putShort((short) 0xBEDE).putShort((short) 2);
    out.put((byte) 0x31).putShort((short) 0).put((byte) 0x42);
    out.put(new byte[3]).put((byte) 0);
    out.put(input.bytes(length));
    byte[] covers = out.array();
    covered.add(covers);
    if (covered.size() > GROUP_MAX) {
      covered.removeFirst();
    }
    genuine.put(sequence, covers);
    sequence = sequence + 1 & 0xffff;
    if (!lost) {
      byte[] sent = covers.clone();
      sent[17] = (byte) made; // written after the repair packet was made
      sent[20] = 7;
      onMedia(sent);
    }
  }

  /** Over the packets since the last one, and maybe some before. */
  private void repair(boolean keeps) {
    if (covered.isEmpty()) {
      return;
    }
    byte[] repair = FlexfecPackets.protect(covered);
    if (!keeps) {
      covered.clear();
    }
    onRepair(repair);
  }

  private void forge(boolean repair) {
    byte[] bytes = input.bytes(input.u16() & 0x7ff);
    forged = true;
    if (repair) {
      onRepair(bytes);
    } else if (RtpHeader.check(FuzzInput.packet(bytes), FuzzInput.LEAD, bytes.length) >= 0) {
      onMedia(bytes);
    }
  }

  private void onMedia(byte[] packet) {
    decoder.onMedia(
        FuzzInput.packet(packet), FuzzInput.LEAD, packet.length, IDS, this::onRecovered);
  }

  private void onRepair(byte[] repair) {
    decoder.onRepair(
        FuzzInput.packet(repair), FuzzInput.LEAD, repair.length, SSRC, this::onRecovered);
  }

  private void onRecovered(MemorySegment memory, long offset, int length) {
    made++;
    assertTrue(length <= PacketCache.SLOT_BYTES);
    assertTrue(RtpHeader.check(memory, offset, length) >= 0, "what is made is a packet");
    if (!forged) {
      byte[] packet = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
      byte[] lost = genuine.get(RtpHeader.sequence(memory, offset));
      assertTrue(lost != null, "only what was sent can be made");
      assertArrayEquals(lost, packet, () -> "made " + Arrays.toString(packet));
    }
  }
}
