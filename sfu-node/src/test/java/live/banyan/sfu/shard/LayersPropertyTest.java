package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * VP9 with any number of layers, limits that change at random, packets that come out of order: what
 * a viewer gets is numbered without gaps and can be decoded.
 */
class LayersPropertyTest {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PORT = 9;
  private static final int SSRC = 0x3001;
  private static final int PICTURES = 120;
  private static final int KEYFRAME_EVERY = 16;
  private static final int TICKS = 3_000;
  private static final int[][] PATTERNS = {{0}, {0, 1}, {0, 2, 1, 2}};

  /** A frame: one spatial layer of one picture. */
  private record Frame(int picture, int spatial) {}

  private final Map<Frame, Set<Frame>> references = new HashMap<>();
  private final Map<Frame, Integer> parts = new HashMap<>();

  private List<byte[]> picture(
      int picture, int spatialLayers, int temporalLayers, boolean separate, int[] next, Random r) {
    int[] pattern = PATTERNS[temporalLayers - 1];
    boolean key = picture % KEYFRAME_EVERY == 0;
    int temporal = pattern[picture % KEYFRAME_EVERY % pattern.length];
    List<byte[]> packets = new ArrayList<>();
    for (int s = 0; s < spatialLayers; s++) {
      Frame frame = new Frame(picture, s);
      Set<Frame> needs = new HashSet<>();
      boolean inter = s > 0 && (key || !separate);
      if (inter) {
        needs.add(new Frame(picture, s - 1));
      }
      if (!key) {
        int back = 1;
        while (pattern[(picture - back) % KEYFRAME_EVERY % pattern.length] >= temporal
            && (temporal > 0 || pattern[(picture - back) % KEYFRAME_EVERY % pattern.length] > 0)) {
          back++;
        }
        needs.add(new Frame(picture - back, s));
      }
      references.put(frame, needs);
      int count = 1 + r.nextInt(3);
      parts.put(frame, count);
      boolean alone = separate && !key && s < spatialLayers - 1;
      for (int part = 0; part < count; part++) {
        int flags = 0xA0 | (key ? 0 : 0x40) | (alone ? 1 : 0);
        boolean tells = key && s == 0;
        flags |= tells ? 2 : 0;
        flags |= (part == 0 ? 8 : 0) | (part == count - 1 ? 4 : 0);
        ByteBuffer b = ByteBuffer.allocate(200);
        b.put((byte) flags).putShort((short) (0x8000 | picture));
        b.put((byte) (temporal << 5 | (temporal < 2 ? 0x10 : 0) | s << 1 | (inter ? 1 : 0)));
        b.put((byte) (picture / pattern.length));
        if (tells) {
          b.put((byte) (spatialLayers - 1 << 5));
        }
        b.put((byte) (key ? 0x80 : 0x84)).putInt(picture).put((byte) s).put((byte) part);
        boolean last = part == count - 1 && s == spatialLayers - 1;
        packets.add(
            RtpPackets.packet(
                SSRC, 98, next[0]++ & 0xFFFF, picture * TICKS, last, Map.of(), b.array()));
      }
    }
    return packets;
  }

  @Property(tries = 300)
  void whatIsLeftOutIsNotMissed(
      @ForAll @IntRange(min = 1, max = 3) int spatialLayers,
      @ForAll @IntRange(min = 1, max = 3) int temporalLayers,
      @ForAll boolean separate,
      @ForAll @IntRange(max = 3) int disorder,
      @ForAll long seed) {
    references.clear();
    parts.clear();
    Random random = new Random(seed);
    List<byte[]> delivered = new ArrayList<>();
    try (ShardHarness node = new ShardHarness()) {
      begin(node);
      int[] next = {65_400};
      for (int picture = 0; picture < PICTURES; picture++) {
        node.nowNs += 33 * MS;
        if (random.nextInt(8) == 0) {
          node.execute(
              new ShardCommand.LimitLayer(
                  20, Integer.MAX_VALUE, random.nextInt(3), random.nextInt(3)));
        }
        List<byte[]> packets =
            picture(picture, spatialLayers, temporalLayers, separate, next, random);
        for (int i = 0; picture > 0 && i < disorder && packets.size() > 1; i++) {
          Collections.swap(packets, random.nextInt(packets.size()), random.nextInt(packets.size()));
        }
        for (byte[] packet : packets) {
          node.deliver(packet, PUBLISHER, PORT);
        }
        node.advance(5 * MS);
        List<byte[]> sent = toViewer(node);
        delivered.addAll(sent);
        if (!sent.isEmpty()) {
          askAgain(node, sent.get(random.nextInt(sent.size())), "seed " + seed);
        }
      }
    }
    check(delivered, "seed " + seed);
  }

  private static void begin(ShardHarness node) {
    node.connect(1, PUBLISHER, PORT);
    node.connect(2, VIEWER, PORT);
    node.execute(new ShardCommand.OpenTrack(10, Codec.VP9, 1, ExtensionMap.EMPTY));
    node.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            98,
            0,
            List.of(new ShardCommand.SourceLayer(null, SSRC, 0)),
            true,
            true,
            false));
    node.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            0x7001,
            0,
            "layers",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP9, 120, 0)),
            ExtensionMap.EMPTY));
  }

  @Property(tries = 100)
  void whatIsChosenIsGiven(
      @ForAll @IntRange(min = 1, max = 3) int spatialLayers,
      @ForAll @IntRange(min = 1, max = 3) int temporalLayers,
      @ForAll boolean separate,
      @ForAll @IntRange(max = 2) int spatial,
      @ForAll @IntRange(max = 2) int temporal,
      @ForAll long seed) {
    references.clear();
    parts.clear();
    Random random = new Random(seed);
    int[] pattern = PATTERNS[temporalLayers - 1];
    int size = Math.min(spatial, spatialLayers - 1);
    try (ShardHarness node = new ShardHarness()) {
      begin(node);
      node.execute(new ShardCommand.LimitLayer(20, Integer.MAX_VALUE, spatial, temporal));
      int[] next = {65_400};
      for (int picture = 0; picture < 3 * KEYFRAME_EVERY; picture++) {
        node.nowNs += 33 * MS;
        for (byte[] packet :
            picture(picture, spatialLayers, temporalLayers, separate, next, random)) {
          node.deliver(packet, PUBLISHER, PORT);
        }
        node.advance(5 * MS);
        Set<Frame> sent = new HashSet<>();
        toViewer(node).forEach(packet -> sent.add(frame(packet)));
        if (picture < KEYFRAME_EVERY) {
          continue; // by the next keyframe it has come to the chosen layers, whatever they are
        }
        boolean chosen = pattern[picture % KEYFRAME_EVERY % pattern.length] <= temporal;
        assertEquals(chosen, sent.contains(new Frame(picture, size)), "picture " + picture);
        assertFalse(sent.contains(new Frame(picture, size + 1)), "picture " + picture);
        assertTrue(chosen || sent.isEmpty(), "picture " + picture + ": " + sent);
      }
    }
  }

  private static List<byte[]> toViewer(ShardHarness node) {
    List<byte[]> packets = new ArrayList<>();
    for (RecordingSink.Datagram datagram : node.sink.take()) {
      if (datagram.low() == VIEWER && RtpPackets.isRtp(datagram.bytes())) {
        packets.add(datagram.bytes());
      }
    }
    return packets;
  }

  /**
   * Without RTX a repetition has the index of the first sending: other bytes under it would show
   * both.
   */
  private static void askAgain(ShardHarness node, byte[] packet, String run) {
    MemorySegment nack = MemorySegment.ofArray(new byte[100]);
    int length = RtcpWriter.receiverReport(nack, 0, 1);
    long[] asked = {RtpPackets.sequence(packet)};
    length += RtcpWriter.nack(nack, length, 1, 0x7001, asked, 0, 1);
    node.deliver(nack.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), VIEWER, PORT);
    for (byte[] again : toViewer(node)) {
      assertArrayEquals(packet, again, run + ": repeated with other bytes");
    }
  }

  private static Frame frame(byte[] packet) {
    int payload = RtpPackets.headerLength(packet);
    int at = payload + ((packet[payload] & 2) == 0 ? 6 : 7);
    ByteBuffer body = ByteBuffer.wrap(packet);
    return new Frame(body.getInt(at), body.get(at + 4));
  }

  private void check(List<byte[]> delivered, String run) {
    TreeMap<Integer, byte[]> bySequence = new TreeMap<>();
    int first = RtpPackets.sequence(delivered.getFirst());
    for (byte[] packet : delivered) {
      int index = (short) (RtpPackets.sequence(packet) - first);
      assertTrue(bySequence.put(index, packet) == null, run + ": twice " + index);
    }
    assertEquals(
        delivered.size(),
        bySequence.lastKey() - bySequence.firstKey() + 1,
        run + ": gaps in the numbers");
    Map<Frame, Integer> whole = new HashMap<>();
    Map<Integer, byte[]> lastOfPicture = new TreeMap<>();
    for (byte[] packet : bySequence.values()) {
      if ((packet[0] & 0x20) != 0) {
        continue; // nothing but padding
      }
      Frame frame = frame(packet);
      whole.merge(frame, 1, Integer::sum);
      lastOfPicture.put(frame.picture(), packet);
    }
    for (Map.Entry<Frame, Integer> frame : whole.entrySet()) {
      assertEquals(parts.get(frame.getKey()), frame.getValue(), run + ": parts of " + frame);
      for (Frame needed : references.getOrDefault(frame.getKey(), Set.of())) {
        assertTrue(whole.containsKey(needed), run + ": " + frame + " lacks " + needed);
      }
    }
    for (Map.Entry<Integer, byte[]> last : lastOfPicture.entrySet()) {
      assertTrue((last.getValue()[1] & 0x80) != 0, run + ": no marker in " + last.getKey());
    }
  }
}
