package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * AV1 in two sizes that refer to each other at keyframes only (L2T1_KEY), as the dependency
 * descriptor tells: from one to the other a viewer comes at a keyframe, which the publisher is
 * asked for.
 */
class DescribedLayersTest implements RtcpVisitor {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PORT = 9;
  private static final int SSRC = 0x3001;
  private static final int EXTENSION = 4;
  private static final ExtensionMap IDS =
      new ExtensionMap(Map.of(ExtensionKind.DEPENDENCY_DESCRIPTOR, EXTENSION));

  /**
   * Flags, six templates (of each size a keyframe's, a base frame's, another's) and four targets,
   * which of them need each, what those that others refer to refer to, no chains, no sizes.
   */
  private static final String STRUCTURE =
      "10000"
          + "000000"
          + "00011"
          + "000110000111"
          + "10101010"
          + "10100000"
          + "00010000"
          + "00001010"
          + "00001010"
          + "00000001"
          + "0"
          + "100110"
          + "0"
          + "100000"
          + "100110"
          + "0"
          + "0"
          + "0";

  private static final long PARENT = ShardHarness.V4 | 3;
  private static final long CHILD = ShardHarness.V4 | 4;
  private static final int LINK_SSRC = 0x9000;

  private final ShardHarness ingest = new ShardHarness();
  private final ShardHarness node = new ShardHarness();
  private int frame;
  private int picture;
  private int sinceKeyframe;
  private boolean keyframeDue = true;
  private int requests;
  private final List<byte[]> toViewer = new ArrayList<>();

  @BeforeEach
  void open() {
    ingest.connect(1, PUBLISHER, PORT);
    ingest.link(2, CHILD, PORT);
    ingest.execute(new ShardCommand.OpenTrack(10, Codec.AV1, 1, IDS));
    source(ingest, 1, 98, SSRC);
    ingest.execute(new ShardCommand.OpenRelay(30, 2, 10, 0, LINK_SSRC, LINK_SSRC + 1, -1));
    node.link(1, PARENT, PORT);
    node.connect(2, VIEWER, PORT);
    node.execute(new ShardCommand.OpenTrack(10, Codec.AV1, 1, ExtensionMap.RELAY));
    source(node, 1, Codec.AV1.relayPayloadType(), LINK_SSRC);
    node.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            0x7001,
            0,
            "sizes",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.AV1, 120, 0)),
            IDS));
  }

  private static void source(ShardHarness node, long transport, int payloadType, int ssrc) {
    List<ShardCommand.SourceLayer> layer = List.of(new ShardCommand.SourceLayer(null, ssrc, 0));
    node.execute(
        new ShardCommand.AddSource(10, transport, null, payloadType, 0, layer, true, true, false));
  }

  @AfterEach
  void close() {
    ingest.close();
    node.close();
  }

  @Override
  public void pictureLoss(int sender, int media) {
    assertEquals(SSRC, media);
    requests++;
    keyframeDue = true;
  }

  /**
   * The publisher sends pictures. @return the layers whose frames the viewer gets of the last ten
   */
  private String pictures(int count) {
    TreeSet<String> layers = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      boolean key = keyframeDue;
      keyframeDue = false;
      sinceKeyframe = key ? 0 : sinceKeyframe + 1;
      for (int size = 0; size < 2; size++) {
        byte[] packet = packet(size, key, sinceKeyframe % 2 == 0);
        ingest.deliver(packet, PUBLISHER, PORT);
      }
      picture++;
      byte[] report = new byte[16];
      int length = RtcpWriter.receiverReport(MemorySegment.ofArray(report), 0, 1);
      node.deliver(Arrays.copyOf(report, length), VIEWER, PORT); // it is there
      pass();
      ingest.advance(33 * MS);
      node.advance(33 * MS);
      pass();
      if (i < count - 10) {
        toViewer.clear();
      }
    }
    toViewer.forEach(
        packet -> layers.add(packet[packet.length - 2] + "," + packet[packet.length - 1]));
    toViewer.clear();
    return layers.toString();
  }

  private void pass() {
    for (RecordingSink.Datagram datagram : ingest.sink.take()) {
      byte[] bytes = datagram.bytes();
      if (datagram.low() == CHILD) {
        node.deliver(bytes, PARENT, PORT);
      } else if (RtpPackets.isRtcp(bytes)) {
        RtcpCompound.walk(MemorySegment.ofArray(bytes), 0, bytes.length, this);
      }
    }
    for (RecordingSink.Datagram datagram : node.sink.take()) {
      if (datagram.low() == PARENT) {
        ingest.deliver(datagram.bytes(), CHILD, PORT);
      } else if (RtpPackets.isRtp(datagram.bytes())) {
        toViewer.add(datagram.bytes());
      }
    }
  }

  private byte[] packet(int size, boolean key, boolean even) {
    int template = 3 * size + (key ? 0 : even ? 1 : 2);
    String bits = "11" + binary(template, 6) + binary(frame, 16);
    boolean first = key && size == 0;
    bits += first ? STRUCTURE : "";
    byte[] payload = {
      (byte) (first ? 0x18 : 0x10), 0x0A, 0x01, (byte) size, (byte) (key || even ? 0 : 1)
    };
    int sequence = frame++ & 0xFFFF;
    return RtpPackets.packet(
        SSRC, 98, sequence, picture * 3_000, size == 1, Map.of(EXTENSION, bytes(bits)), payload);
  }

  private static String binary(int value, int width) {
    String digits = Integer.toBinaryString(value & (1 << width) - 1);
    return "0".repeat(width - digits.length()) + digits;
  }

  private static byte[] bytes(String bits) {
    String whole = bits + "0".repeat(-bits.length() & 7);
    byte[] signed = new BigInteger("1" + whole, 2).toByteArray();
    List<Byte> bytes = new ArrayList<>();
    for (int i = signed.length - whole.length() / 8; i < signed.length; i++) {
      bytes.add(signed[i]);
    }
    byte[] all = new byte[bytes.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = bytes.get(i);
    }
    return all;
  }

  private void choose(int size, int frames) {
    node.execute(new ShardCommand.LimitLayer(20, Integer.MAX_VALUE, size, frames));
  }

  @Test
  void aViewerIsLedToAnotherSizeByAKeyframe() {
    assertEquals("[1,0, 1,1]", pictures(60), "the larger alone, between keyframes");
    choose(1, 0);
    assertEquals("[1,0]", pictures(60));
    int[] sizes = {0, 1, 0};
    for (int size : sizes) {
      int before = requests;
      choose(size, 1);
      assertEquals("[" + size + ",0, " + size + ",1]", pictures(60));
      assertTrue(requests > before, "it had to ask");
      before = requests;
      choose(size, 0);
      assertEquals("[" + size + ",0]", pictures(60));
      assertEquals(before, requests, "it is there, and asks no more");
    }
  }
}
