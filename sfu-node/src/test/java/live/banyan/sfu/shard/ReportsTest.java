package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtcp.TransportFeedback;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.NtpTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The regular RTCP: clocks, losses, round trips, arrivals. */
class ReportsTest {
  private static final long MS = ShardHarness.MS;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final ExtensionMap TWCC =
      new ExtensionMap(Map.of(ExtensionKind.TRANSPORT_SEQUENCE, 5));
  private static final int VIEWER_SSRC = 0x5000;

  private final ShardHarness world = new ShardHarness();
  private final Publisher publisher = new Publisher(0x111, 0, 96, 300, Map.of());
  private final List<byte[]> toViewer = new ArrayList<>();
  private final List<byte[]> toPublisher = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  /** What the RTCP of one direction said. */
  private static final class Heard implements RtcpVisitor {
    long ntp;
    int rtp;
    int senderReports;
    int byes;
    int blocks;
    int lastFractionLost;
    int lastSenderReport;
    int times;
    long time;
    int reporter;
    int echoes;
    int echoTo;
    int echoed;
    int echoDelay;
    int nacks;
    final List<String> cnames = new ArrayList<>();
    final TreeSet<Integer> arrived = new TreeSet<>();
    final TreeSet<Integer> missing = new TreeSet<>();

    @Override
    public void senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
      senderReports++;
      this.ntp = ntp;
      rtp = rtpTimestamp;
    }

    @Override
    public void reportBlock(
        int reporter,
        int source,
        int fractionLost,
        int cumulativeLost,
        long highestSequence,
        long jitter,
        int lastSenderReport,
        int delaySinceLast) {
      blocks++;
      lastFractionLost = fractionLost;
      this.lastSenderReport = lastSenderReport;
    }

    @Override
    public void cname(int ssrc, MemorySegment segment, long offset, int length) {
      byte[] name = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
      cnames.add(new String(name, StandardCharsets.UTF_8));
    }

    @Override
    public void bye(int ssrc) {
      byes++;
    }

    @Override
    public void referenceTime(int sender, long ntp) {
      times++;
      time = ntp;
      reporter = sender;
    }

    @Override
    public void delaySinceReference(int sender, int receiver, int reference, int delay) {
      echoes++;
      echoTo = receiver;
      echoed = reference;
      echoDelay = delay;
    }

    @Override
    public void nack(int sender, int media, int sequence) {
      nacks++;
    }

    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      TransportFeedback.parse(
          segment,
          offset,
          length,
          new TransportFeedback.Visitor() {
            @Override
            public void received(int sequence, long arrivalUs) {
              arrived.add(sequence);
            }

            @Override
            public void missing(int firstSequence, int count) {
              for (int i = 0; i < count; i++) {
                missing.add(firstSequence + i & 0xFFFF);
              }
            }
          });
    }
  }

  private Heard hear(List<byte[]> datagrams) {
    Heard heard = new Heard();
    for (byte[] bytes : datagrams) {
      if (RtpPackets.isRtcp(bytes)) {
        assertTrue(
            RtcpCompound.walk(MemorySegment.ofArray(bytes), 0, bytes.length, heard) > 0,
            "our RTCP parses");
      }
    }
    return heard;
  }

  private void open(ExtensionMap extensions) {
    world.connect(1, PUBLISHER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, extensions));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0)),
            true,
            true,
            false));
    world.connect(2, VIEWER, 2000);
    world.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            VIEWER_SSRC,
            0,
            "the-stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
  }

  private void collect() {
    for (RecordingSink.Datagram datagram : world.sink.take()) {
      (datagram.port() == 2000 ? toViewer : toPublisher).add(datagram.bytes());
    }
  }

  private void frames(int count) {
    for (int i = 0; i < count; i++) {
      for (byte[] packet : publisher.frame(i == 0)) {
        world.receive(packet, PUBLISHER, 1000);
      }
      world.shard.onBatchEnd(world.nowNs);
      world.advance(33_333_333);
      collect();
    }
  }

  private byte[] rtcp(ToIntFunction<MemorySegment> writer) {
    MemorySegment scratch = MemorySegment.ofArray(new byte[256]);
    int length = writer.applyAsInt(scratch);
    return scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void senderReportsLieOnThePublishersLine() {
    open(ExtensionMap.EMPTY);
    frames(3);
    long publisherEpochNs = 1_700_000_000_000_000_000L;
    int reported = publisher.timestamp();
    byte[] report =
        rtcp(
            s ->
                RtcpWriter.senderReport(
                    s, 0, 0x111, NtpTime.ofEpochNs(publisherEpochNs), reported, 12, 9_000));
    world.deliver(report, PUBLISHER, 1000);
    frames(90);
    Heard viewer = hear(toViewer);
    assertTrue(viewer.senderReports >= 2, "one a second: " + viewer.senderReports);
    assertEquals("the-stream", viewer.cnames.getFirst());
    byte[] last = toViewer.stream().filter(RtpPackets::isRtp).toList().getLast();
    int offset = RtpPackets.timestamp(last) - publisher.timestamp();
    long elapsedNs = NtpTime.toEpochNs(viewer.ntp) - publisherEpochNs;
    long elapsedTicks = viewer.rtp - offset - reported;
    assertTrue(elapsedNs > 0 && elapsedNs < 3_200 * MS, "elapsed " + elapsedNs);
    assertEquals(elapsedNs * 90 / 1_000_000, elapsedTicks, 2, "within two ticks of 11 us");

    Heard atPublisher = hear(toPublisher);
    assertTrue(atPublisher.blocks >= 2);
    assertEquals(
        NtpTime.compact(NtpTime.ofEpochNs(publisherEpochNs)), atPublisher.lastSenderReport);
    assertEquals(0, atPublisher.lastFractionLost);
  }

  @Test
  void aPublisherWithoutReportsGetsAnAssumedClock() {
    open(ExtensionMap.EMPTY);
    frames(60);
    assertEquals(0, hear(toViewer).senderReports, "no clock is better than a wrong one");
    frames(90);
    Heard viewer = hear(toViewer);
    assertTrue(viewer.senderReports > 0);
    long epochNs = NtpTime.toEpochNs(viewer.ntp);
    long nowNs = ShardHarness.WALL + world.nowNs;
    assertTrue(nowNs - epochNs >= 0 && nowNs - epochNs < 2_500 * MS);
  }

  @Test
  void aViewersReportTellsTheRoundTripAndLoss() {
    open(ExtensionMap.EMPTY);
    frames(3);
    world.deliver(
        rtcp(s -> RtcpWriter.senderReport(s, 0, 0x111, NtpTime.ofEpochNs(1), 0, 1, 1)),
        PUBLISHER,
        1000);
    int before = 0;
    while (hear(toViewer).senderReports == before) {
      frames(1);
    }
    int id = NtpTime.compact(hear(toViewer).ntp);
    // Up to a frame has passed since the report left; 40 ms at the viewer are not the network's.
    world.advance(70 * MS);
    byte[] block =
        rtcp(
            s -> {
              int length = RtcpWriter.receiverReport(s, 0, 9);
              return RtcpWriter.appendReportBlock(
                  s, 0, length, VIEWER_SSRC, 51, 3, 100, 0, id, NtpTime.compactDuration(40 * MS));
            });
    world.deliver(block, VIEWER, 2000);
    SubscriptionStats stats = java.util.Objects.requireNonNull(world.shard.stats(20));
    assertEquals(51, stats.fractionLost());
    assertTrue(stats.rttNs() >= 29 * MS && stats.rttNs() <= 64 * MS, "round trip " + stats.rttNs());
  }

  @Test
  void aPublisherIsAskedForItsRoundTripAndRepairsAreTimedByIt() {
    open(ExtensionMap.EMPTY);
    frames(60);
    Heard heard = hear(toPublisher);
    assertTrue(heard.times >= 1, "our clock is told");
    int reporter = heard.reporter;
    toPublisher.clear();
    while (hear(toPublisher).times == 0) {
      frames(1);
    }
    int id = NtpTime.compact(hear(toPublisher).time);
    world.advance(170 * MS);
    byte[] echo =
        rtcp(
            s ->
                RtcpWriter.delaySinceReference(
                    s, 0, 0x111, reporter, id, NtpTime.compactDuration(20 * MS)));
    world.deliver(echo, PUBLISHER, 1000);
    collect();
    toPublisher.clear();
    List<byte[]> frame = publisher.frame(false);
    for (int i : new int[] {0, 2, 3}) {
      world.deliver(frame.get(i), PUBLISHER, 1000);
    }
    List<Long> asked = new ArrayList<>();
    for (int ms = 0; ms < 800; ms++) {
      world.advance(MS);
      collect();
      if (hear(toPublisher).nacks > 0) {
        asked.add((long) ms);
        toPublisher.clear();
      }
    }
    // 150 ms and up to a frame more have passed; the next try is a quarter later than that.
    long between = asked.get(1) - asked.get(0);
    assertTrue(between >= 187 && between <= 232, asked.toString());
  }

  @Test
  void aViewersClockIsEchoed() {
    open(ExtensionMap.EMPTY);
    frames(3);
    long ntp = NtpTime.ofEpochNs(ShardHarness.WALL);
    world.deliver(rtcp(s -> RtcpWriter.referenceTime(s, 0, 77, ntp)), VIEWER, 2000);
    long toldNs = world.nowNs;
    toViewer.clear();
    while (hear(toViewer).echoes == 0) {
      frames(1);
    }
    Heard heard = hear(toViewer);
    assertEquals(77, heard.echoTo);
    assertEquals(NtpTime.compact(ntp), heard.echoed);
    long delayNs = NtpTime.compactToNs(heard.echoDelay);
    assertTrue(delayNs >= 0 && delayNs <= world.nowNs - toldNs, "echoed after " + delayNs);
    toViewer.clear();
    frames(90);
    assertEquals(0, hear(toViewer).echoes, "once is enough");
  }

  @Test
  void arrivalsAreFedBackWithinATenthOfASecond() {
    open(TWCC);
    for (int i = 0; i < 200; i++) {
      if (i % 10 != 3) {
        byte[] packet =
            RtpPackets.packet(
                0x111,
                96,
                i,
                i * 3000,
                true,
                Map.of(5, new byte[] {(byte) (i >> 8), (byte) i}),
                RtpPackets.vp8(true, i == 0, i, i, 100, i));
        world.deliver(packet, PUBLISHER, 1000);
      }
      world.advance(5 * MS);
    }
    world.advance(100 * MS);
    collect();
    Heard heard = hear(toPublisher);
    assertEquals(180, heard.arrived.size());
    assertEquals(20, heard.missing.size());
    assertTrue(heard.missing.stream().allMatch(sequence -> sequence % 10 == 3));
    long feedbacks = world.counters.get(ShardCounter.FEEDBACK_OUT);
    assertTrue(feedbacks >= 10 && feedbacks <= 25, "feedbacks " + feedbacks);
  }

  @Test
  void aClosedSubscriptionSaysGoodbyeAndAPublishersGoodbyeIsTold() {
    open(ExtensionMap.EMPTY);
    frames(3);
    world.execute(new ShardCommand.CloseSubscription(20));
    collect();
    assertEquals(1, hear(toViewer).byes);
    byte[] bye = rtcp(s -> RtcpWriter.bye(s, 0, 0x111));
    world.deliver(bye, PUBLISHER, 1000);
    world.deliver(bye, PUBLISHER, 1000);
    assertEquals(
        1, world.events.stream().filter(e -> e.equals(new ShardEvent.SourceBye(10, 1))).count());
  }
}
