package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.linksim.SimulatedLink;
import live.banyan.sfu.linksim.SimulatedLink.Conditions;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A publisher that obeys REMB and nothing else, behind a line that changes. */
class UplinkPlanTest {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final int PORT = 9;
  private static final int SSRC = 0x300;
  private static final int SEND_TIME = 3;
  private static final int PAYLOAD_BYTES = 1_160;
  private static final int PACKET_BYTES = PAYLOAD_BYTES + 20;
  private static final long CAMERA_BPS = 4_000_000;

  private final ShardHarness node = new ShardHarness();

  private long limitBps = 300_000;
  private long lastRembNs;
  private long longestSilenceNs;
  private int rembs;
  private int sequence = 65_000;
  private int frame;
  private double owedBytes;
  private long nextFrameNs;
  private boolean tellsTime = true;

  @AfterEach
  void close() {
    node.close();
  }

  private void open(boolean remb) {
    node.connect(1, PUBLISHER, PORT);
    Map<ExtensionKind, Integer> extensions =
        tellsTime ? Map.of(ExtensionKind.ABS_SEND_TIME, SEND_TIME) : Map.of();
    node.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, new ExtensionMap(extensions)));
    node.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, SSRC, 0)),
            true,
            true,
            false,
            ShardCommand.Redundancy.NONE,
            remb));
    lastRembNs = node.nowNs;
  }

  private void step(SimulatedLink<byte[]> up, SimulatedLink<byte[]> down) {
    node.nowNs += MS;
    long nowNs = node.nowNs;
    owedBytes += Math.min(limitBps, CAMERA_BPS) / 8_000.0;
    if (nowNs >= nextFrameNs) {
      nextFrameNs = nowNs + 33 * MS;
      frame++;
      while (owedBytes >= PACKET_BYTES) {
        owedBytes -= PACKET_BYTES;
        up.send(packet(nowNs, owedBytes < PACKET_BYTES), PACKET_BYTES, nowNs);
      }
    }
    boolean any = false;
    for (byte[] rtp = up.poll(nowNs); rtp != null; rtp = up.poll(nowNs)) {
      node.receive(rtp, PUBLISHER, PORT);
      any = true;
    }
    if (any) {
      node.shard.onBatchEnd(nowNs);
    }
    if (node.shard.nextDeadlineNs() <= nowNs) {
      node.shard.onTimer(nowNs);
    }
    for (RecordingSink.Datagram datagram : node.sink.take()) {
      if (RtpPackets.isRtcp(datagram.bytes())) {
        down.send(datagram.bytes(), datagram.bytes().length, nowNs);
      }
    }
    for (byte[] rtcp = down.poll(nowNs); rtcp != null; rtcp = down.poll(nowNs)) {
      hear(rtcp);
    }
    longestSilenceNs = Math.max(longestSilenceNs, nowNs - lastRembNs);
  }

  private byte[] packet(long nowNs, boolean last) {
    long ticks = (nowNs / 1_000 << 18) / 1_000_000;
    byte[] time = {(byte) (ticks >> 16), (byte) (ticks >> 8), (byte) ticks};
    Map<Integer, byte[]> extensions = tellsTime ? Map.of(SEND_TIME, time) : Map.of();
    byte[] payload = RtpPackets.vp8(true, false, frame & 0x7FFF, 0, PAYLOAD_BYTES, frame);
    return RtpPackets.packet(
        SSRC, 96, sequence++ & 0xFFFF, frame * 3_000, last, extensions, payload);
  }

  private void hear(byte[] rtcp) {
    RtcpCompound.walk(
        MemorySegment.ofArray(rtcp),
        0,
        rtcp.length,
        new RtcpVisitor() {
          @Override
          public void receiverEstimatedBitrate(
              int sender, long bitrateBps, MemorySegment segment, long offset, int count) {
            assertEquals(1, count);
            limitBps = bitrateBps;
            lastRembNs = node.nowNs;
            rembs++;
          }
        });
  }

  private static SimulatedLink<byte[]> down() {
    return new SimulatedLink<>(9, new Conditions(10_000_000, 20 * MS, 0, 0, 100_000));
  }

  private void run(SimulatedLink<byte[]> up, long untilNs, LongConsumer each) {
    SimulatedLink<byte[]> down = down();
    while (node.nowNs < untilNs) {
      step(up, down);
      each.accept(node.nowNs);
    }
  }

  @ParameterizedTest(name = "seed {0}, jitter {1} ms, loss {2}, tells time {3}")
  @CsvSource({
    "1, 0, 0, true",
    "2, 3, 0, true",
    "3, 2, 0.03, true",
    "4, 0, 0, false",
    "5, 2, 0.03, false"
  })
  void followsTheLine(long seed, long jitterMs, double loss, boolean time) {
    tellsTime = time;
    long start = node.nowNs;
    Conditions wide = new Conditions(3_000_000, 20 * MS, jitterMs * MS, loss, 150_000);
    SimulatedLink<byte[]> up =
        new SimulatedLink<byte[]>(seed, wide)
            .then(start + 20_000 * MS, wide.capacity(800_000))
            .then(start + 40_000 * MS, wide);
    open(true);
    run(up, start + 20_000 * MS, now -> {});
    String begun = "limit " + limitBps + " of 3 Mbit/s, " + rembs + " reports";
    assertTrue(limitBps > 1_800_000, begun);
    run(up, start + 30_000 * MS, now -> {});
    up.forgetWorst();
    long[] sum = {0};
    run(up, start + 40_000 * MS, now -> sum[0] += limitBps / 10_000);
    String narrow =
        "mean limit " + sum[0] + " of 0.8 Mbit/s, queue " + up.worstQueueNs() / MS + " ms";
    assertTrue(
        sum[0] > (time ? 500_000 : 350_000) && sum[0] < (time ? 850_000 : 1_000_000), narrow);
    assertTrue(!time || up.worstQueueNs() < 400 * MS, narrow);
    run(up, start + 60_000 * MS, now -> {});
    long recovered = time ? 1_600_000 : 800_000;
    assertTrue(limitBps > recovered, "limit " + limitBps + " after the line is wide again");
    assertTrue(longestSilenceNs < 1_300 * MS, "silent for " + longestSilenceNs / MS + " ms");
    assertTrue(rembs < 400, rembs + " reports in a minute");
    assertEquals(rembs, node.counters.get(ShardCounter.ESTIMATES_OUT), 2);
  }

  @Test
  void limitsNoPublisherBeforeItHasSeenALimit() {
    long start = node.nowNs;
    open(true);
    SimulatedLink<byte[]> up =
        new SimulatedLink<>(1, new Conditions(50_000_000, 20 * MS, 2 * MS, 0.01, 500_000));
    run(up, start + 5_000 * MS, now -> {});
    assertTrue(limitBps > CAMERA_BPS, "limit " + limitBps);
  }

  @Test
  void tellsNothingToThoseWhoDidNotAsk() {
    long start = node.nowNs;
    open(false);
    SimulatedLink<byte[]> up =
        new SimulatedLink<>(1, new Conditions(50_000_000, 20 * MS, 0, 0, 500_000));
    run(up, start + 3_000 * MS, now -> {});
    assertEquals(0, rembs);
  }
}
