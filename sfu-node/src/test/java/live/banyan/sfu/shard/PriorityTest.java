package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One viewer of three cameras of 150, 500 and 1,800 kbit/s each, and of a sound. */
class PriorityTest {
  private static final long MS = 1_000_000L;
  private static final int CAMERAS = 3;
  private static final long SPEAKER = ShardHarness.V4 | 90;
  private static final long VIEWER = ShardHarness.V4 | 91;
  private static final int PORT = 9;
  private static final int SOUND = 0x6000;
  private static final int NOTHING = -1;

  private final ShardHarness node = new ShardHarness();
  private final List<Simulcaster> cameras = new ArrayList<>();

  /**
   * Of each picture: the layer whose packet came last, packets since the last look, the last one.
   */
  private final int[] layers = new int[CAMERAS];

  private final int[] packets = new int[CAMERAS];
  private final byte[][] newest = new byte[CAMERAS][];
  private final boolean[] keyframe = new boolean[CAMERAS];
  private int sounds;
  private int soundSequence;

  @BeforeEach
  void open() {
    node.connect(100, VIEWER, PORT);
    for (int c = 0; c < CAMERAS; c++) {
      cameras.add(new Simulcaster());
      node.connect(c, camera(c), PORT);
      node.execute(new ShardCommand.OpenTrack(10 + c, Codec.VP8, 3, ExtensionMap.EMPTY));
      List<ShardCommand.SourceLayer> encodings = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        encodings.add(new ShardCommand.SourceLayer(null, Simulcaster.FIRST_SSRC + i, 0));
      }
      node.execute(
          new ShardCommand.AddSource(10 + c, c, null, 96, 0, encodings, true, true, false));
      subscribe(20 + c, 10 + c, 0x7000 + c, Codec.VP8);
    }
    node.connect(50, SPEAKER, PORT);
    node.execute(new ShardCommand.OpenTrack(19, Codec.OPUS, 1, ExtensionMap.EMPTY));
    node.execute(
        new ShardCommand.AddSource(
            19,
            50,
            null,
            111,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0x500, 0)),
            true,
            false,
            false));
    subscribe(29, 19, SOUND, Codec.OPUS);
  }

  private void subscribe(long id, long track, int ssrc, Codec codec) {
    node.execute(
        new ShardCommand.OpenSubscription(
            id,
            100,
            track,
            ssrc,
            0,
            "viewer",
            null,
            List.of(new ShardCommand.CodecPayload(codec, 120, 0)),
            ExtensionMap.EMPTY));
  }

  private static long camera(int c) {
    return ShardHarness.V4 | c + 1;
  }

  @AfterEach
  void close() {
    node.close();
  }

  private void prioritise(int camera, int priority) {
    node.execute(new ShardCommand.Prioritise(20 + camera, priority));
  }

  /** Lets time pass for a viewer whose path bears so much. */
  private void run(long ms, long pathBps) {
    Arrays.fill(packets, 0);
    Arrays.fill(layers, NOTHING);
    Arrays.fill(keyframe, false);
    sounds = 0;
    for (long i = 0; i < ms; i++) {
      node.nowNs += MS;
      for (int c = 0; c < CAMERAS; c++) {
        for (byte[] packet : cameras.get(c).tick(node.nowNs)) {
          node.receive(packet.clone(), camera(c), PORT);
        }
      }
      if (i % 20 == 0) {
        int at = soundSequence++;
        node.receive(
            RtpPackets.packet(0x500, 111, at & 0xFFFF, at * 960, false, Map.of(), new byte[80]),
            SPEAKER,
            PORT);
      }
      if (i % 500 == 0) {
        node.receive(remb(pathBps), VIEWER, PORT);
      }
      node.shard.onBatchEnd(node.nowNs);
      if (node.shard.nextDeadlineNs() <= node.nowNs) {
        node.shard.onTimer(node.nowNs);
      }
      node.sink.take().forEach(this::hear);
    }
  }

  private static byte[] remb(long bps) {
    byte[] memory = new byte[200];
    MemorySegment segment = MemorySegment.ofArray(memory);
    int length = RtcpWriter.receiverReport(segment, 0, 1);
    length += RtcpWriter.receiverEstimatedBitrate(segment, length, 1, bps, new int[] {0x7000}, 1);
    return Arrays.copyOf(memory, length);
  }

  private void hear(RecordingSink.Datagram datagram) {
    byte[] bytes = datagram.bytes();
    if (datagram.low() != VIEWER) {
      int from = (int) (datagram.low() & 0xFF) - 1;
      if (from < CAMERAS && RtpPackets.isRtcp(bytes)) {
        cameras.get(from).receive(bytes);
      }
    } else if (RtpPackets.isRtp(bytes) && RtpPackets.ssrc(bytes) == SOUND) {
      sounds++;
    } else if (RtpPackets.isRtp(bytes)) {
      int camera = RtpPackets.ssrc(bytes) - 0x7000;
      int payload = RtpPackets.headerLength(bytes);
      layers[camera] = RtpPackets.bodyOf(bytes, payload) >>> 28;
      keyframe[camera] |= packets[camera] == 0 && (bytes[payload + 5] & 1) == 0;
      packets[camera]++;
      newest[camera] = bytes;
    }
  }

  private List<Integer> got() {
    return Arrays.stream(layers).boxed().toList();
  }

  @Test
  void betterLayersGoToTheHigherPriority() {
    run(8_000, 2_700_000);
    assertEquals(List.of(2, 1, 0), got(), "in the order of the subscriptions");
    prioritise(2, 3);
    prioritise(1, 2);
    run(8_000, 2_700_000);
    assertEquals(List.of(0, 1, 2), got());
    prioritise(1, 4);
    run(8_000, 2_700_000);
    assertEquals(List.of(0, 2, 1), got());
  }

  @Test
  void whatNobodyLooksAtLeavesItsShareToTheOthers() {
    run(8_000, 2_700_000);
    prioritise(0, 0);
    run(8_000, 2_700_000);
    assertEquals(List.of(0, 2, 1), got());
    prioritise(0, 1);
    run(8_000, 10_000_000);
    assertEquals(List.of(2, 2, 2), got());
    prioritise(1, 0);
    run(2_000, 10_000_000);
    assertEquals(List.of(2, 0, 2), got(), "though there is room for it");
  }

  @Test
  void soundAndWhatIsSeenComeBeforeWhatIsNot() {
    run(8_000, 2_700_000);
    prioritise(0, 0);
    prioritise(1, 0);
    run(2_000, 400_000);
    run(4_000, 400_000);
    assertEquals(0, layers[2]);
    assertEquals(NOTHING, layers[0] + layers[1], "150 kbit/s each, and the sound: room for two");
    int paused = layers[0] == NOTHING ? 0 : 1;
    assertTrue((newest[paused][1] & 0x80) != 0, "its last frame was sent to the end");
    run(4_000, 200_000);
    run(1_000, 200_000);
    assertEquals(List.of(NOTHING, NOTHING, 0), got());
    assertEquals(50, sounds);
    prioritise(2, 0);
    run(1_000, 100_000);
    run(1_000, 100_000);
    assertEquals(List.of(NOTHING, NOTHING, NOTHING), got());
    assertEquals(50, sounds);
  }

  @Test
  void goesOnAtAKeyframeWhenItIsSeenAgain() {
    run(6_000, 2_700_000);
    for (int c = 0; c < CAMERAS; c++) {
      prioritise(c, 0);
    }
    run(2_000, 100_000);
    run(2_000, 100_000);
    assertEquals(List.of(NOTHING, NOTHING, NOTHING), got());
    int before = RtpPackets.sequence(newest[1]);
    prioritise(1, 1);
    run(300, 100_000);
    assertEquals(List.of(NOTHING, 0, NOTHING), got());
    assertTrue(keyframe[1], "began with a keyframe");
    int after = RtpPackets.sequence(newest[1]);
    assertEquals(packets[1], after - before & 0xFFFF, "the viewer sees no gap");
  }

  @Test
  void aPriorityOfNothingIsCounted() {
    node.execute(new ShardCommand.Prioritise(77, 1));
    assertEquals(1, node.counters.get(ShardCounter.COMMANDS_STALE));
  }
}
