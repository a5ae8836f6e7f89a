package live.banyan.sfu.linksim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import live.banyan.sfu.linksim.SimulatedLink.Conditions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Congestion control on a link in virtual time. News of a collapse needs a round trip, the
 * receiver's feedback interval of 50 ms, and as long as the narrow link takes to show two packets;
 * meanwhile what was sent at the old rate queues. At 20 ms of round trip, 2.5 Mbit/s that become
 * 0.6 thus queue for 150 to 310 ms, depending on where in the interval the collapse falls, and
 * longer behind frames or a probe that leave at once.
 */
class LinkPlanTest {
  private static final long MS = LinkPlan.MS;
  private static final long WIDE = 2_500_000;
  private static final long NARROW = 600_000;
  private static final long START = 1_000 * MS;
  private static final long SOURCE = 4_000_000;

  private static Conditions conditions(long capacityBps, long delayMs, long jitterMs, double loss) {
    return new Conditions(capacityBps, delayMs * MS, jitterMs * MS, loss, 200_000);
  }

  private static SimulatedLink<Flow.Packet> back(long seed, long delayMs) {
    return new SimulatedLink<>(seed, conditions(10_000_000, delayMs, 0, 0));
  }

  private static Flow flow(int fps) {
    return new Flow(1_000_000, fps, SOURCE);
  }

  /** What came of one fall to 0.6 Mbit/s and the rise back, in ms where it is a time. */
  private record Collapse(
      long before, long settledMs, long queueMs, long narrow, long after, long recoveredMs) {

    static Collapse run(long seed, long delayMs, long jitterMs, int fps, long phaseMs) {
      return run(flow(fps), seed, delayMs, jitterMs, phaseMs);
    }

    static Collapse run(Flow flow, long seed, long delayMs, long jitterMs, long phaseMs) {
      Conditions wide = conditions(WIDE, delayMs, jitterMs, 0);
      long fall = START + (20_000 + phaseMs) * MS;
      long rise = fall + 20_000 * MS;
      SimulatedLink<Flow.Packet> link =
          new SimulatedLink<Flow.Packet>(seed, wide)
              .then(fall, wide.capacity(NARROW))
              .then(rise, wide);
      LinkPlan plan = new LinkPlan(link, back(seed, delayMs), flow);
      plan.run(20_000 * MS);
      long before = flow.control.estimateBps(plan.nowNs);
      link.forgetWorst();
      long[] unsettled = {fall};
      plan.run(
          fall + 5_000 * MS - plan.nowNs,
          now -> {
            // A probe may queue for some 150 ms without anything being wrong.
            boolean settled =
                flow.control.estimateBps(now) <= NARROW * 12 / 10 && link.lastQueueNs() < 200 * MS;
            unsettled[0] = settled ? unsettled[0] : now;
          });
      long queueMs = link.worstQueueNs() / MS;
      long received = flow.receivedBytes;
      plan.run(rise - plan.nowNs);
      long narrow = (flow.receivedBytes - received) * 8 / 15;
      long[] recovered = {Long.MAX_VALUE};
      plan.run(
          20_000 * MS,
          now -> {
            if (flow.control.estimateBps(now) >= WIDE * 9 / 10) {
              recovered[0] = Math.min(recovered[0], now);
            }
          });
      long after = flow.control.estimateBps(plan.nowNs);
      return new Collapse(
          before, (unsettled[0] - fall) / MS, queueMs, narrow, after, (recovered[0] - rise) / MS);
    }
  }

  @ParameterizedTest(name = "seed {0}, {1} ms, jitter {2} ms, {3} fps, queue up to {4} ms")
  @CsvSource({
    "1, 10, 0, 0, 300",
    "2, 5, 1, 0, 350",
    "3, 10, 2, 0, 400",
    "4, 10, 1, 0, 400",
    "5, 20, 2, 0, 600",
    "6, 10, 2, 30, 800",
    "7, 20, 5, 30, 800",
    "8, 20, 2, 60, 800"
  })
  void settlesAfterACollapseAndRecovers(
      long seed, long delayMs, long jitterMs, int fps, long queueMaxMs) {
    Collapse got = Collapse.run(seed, delayMs, jitterMs, fps, 0);
    assertTrue(got.before > WIDE * 8 / 10, got::toString);
    assertTrue(got.settledMs <= 2_000, got::toString);
    assertTrue(got.queueMs <= queueMaxMs, got::toString);
    assertTrue(got.narrow > NARROW * 7 / 10, got::toString);
    assertTrue(got.recoveredMs <= 15_000, got::toString);
  }

  @ParameterizedTest(name = "seed {0}, {1} ms, jitter {2} ms, {3} fps, queue up to {4} ms")
  @CsvSource({"1, 10, 0, 0, 350", "3, 10, 2, 0, 450", "6, 10, 2, 30, 800"})
  void settlesWithAReceiverThatReportsByStreamAlone(
      long seed, long delayMs, long jitterMs, int fps, long queueMaxMs) {
    Collapse got = Collapse.run(flow(fps).reportStreams(), seed, delayMs, jitterMs, 0);
    assertTrue(got.before > WIDE * 8 / 10, got::toString);
    assertTrue(got.settledMs <= 2_000, got::toString);
    assertTrue(got.queueMs <= queueMaxMs, got::toString);
    assertTrue(got.narrow > NARROW * 7 / 10, got::toString);
    assertTrue(got.recoveredMs <= 15_000, got::toString);
  }

  @Test
  void settlesInWhateverMomentTheCollapseComes() {
    long[] queues = new long[25];
    for (int i = 0; i < queues.length; i++) {
      Collapse got = Collapse.run(i + 1, 10, 0, 0, 2L * i);
      assertTrue(got.settledMs <= 2_000, "phase " + 2 * i + " ms: " + got);
      assertTrue(got.recoveredMs <= 15_000, "phase " + 2 * i + " ms: " + got);
      queues[i] = got.queueMs;
    }
    Arrays.sort(queues);
    assertTrue(queues[queues.length / 2] <= 300, () -> Arrays.toString(queues));
    assertTrue(queues[queues.length - 1] <= 310, () -> Arrays.toString(queues));
  }

  @ParameterizedTest(name = "seed {0}, {1} fps")
  @CsvSource({"11, 0", "12, 30", "13, 30", "14, 0", "15, 60"})
  void bearsRandomLoss(long seed, int fps) {
    SimulatedLink<Flow.Packet> link = new SimulatedLink<>(seed, conditions(WIDE, 20, 2, 0.05));
    Flow flow = flow(fps);
    LinkPlan plan = new LinkPlan(link, back(seed, 20), flow);
    plan.run(20_000 * MS);
    long before = flow.receivedBytes;
    plan.run(40_000 * MS);
    double received = (flow.receivedBytes - before) * 8.0 / 40 / WIDE;
    assertTrue(received >= 0.85, "received " + received + " of the capacity");
    assertTrue(link.worstQueueNs() < 500 * MS, "queue " + link.worstQueueNs() / MS + " ms");
  }

  /**
   * Behind a shaper whose bucket lets a burst pass: what a probe proves there is found out by the
   * media that follows, within less than a second.
   */
  @ParameterizedTest(name = "{0} bit/s, bucket of {1} bytes")
  @CsvSource({
    "900_000, 3_200",
    "900_000, 10_000",
    "900_000, 30_000",
    "400_000, 3_200",
    "400_000, 10_000",
    "400_000, 30_000"
  })
  void isNotDeceivedForLongByAShapersBucket(String capacity, String bucket) {
    long bps = Long.parseLong(capacity.replace("_", ""));
    int bytes = Integer.parseInt(bucket.replace("_", ""));
    for (int seed = 1; seed <= 8; seed++) {
      int fps = seed % 2 == 0 ? 30 : 0;
      Conditions shaped =
          new Conditions(bps, (2 + seed) * MS, MS, 0, (int) (bps * 3 / 80) + bytes).bucket(bytes);
      Flow flow = new Flow(3_000_000, fps, SOURCE);
      SimulatedLink<Flow.Packet> link = new SimulatedLink<>(seed, shaped);
      LinkPlan plan = new LinkPlan(link, back(seed, 5), flow);
      plan.run(10_000 * MS);
      long received = flow.receivedBytes;
      link.forgetWorst();
      long[] sum = new long[4];
      plan.run(
          40_000 * MS,
          now -> {
            long estimate = flow.control.estimateBps(now);
            boolean above = estimate > bps * 5 / 4;
            sum[0] += estimate;
            sum[1]++;
            sum[2] = above ? sum[2] + 1 : 0;
            sum[3] = Math.max(sum[3], sum[2]);
          });
      double mean = (double) sum[0] / sum[1] / bps;
      double used = (flow.receivedBytes - received) * 8.0 / 40 / bps;
      String got =
          "seed %d: mean %.2f, above for %d of %d steps, used %.2f, queue %d ms"
              .formatted(seed, mean, sum[3], sum[1], used, link.worstQueueNs() / MS);
      assertTrue(mean < 1.05, got);
      assertTrue(sum[3] * LinkPlan.MS <= 1_000 * MS, got);
      assertTrue(used > 0.8, got);
      assertTrue(link.worstQueueNs() < 350 * MS, got);
    }
  }

  /** Share of the first flow over two minutes; together they must use the link. */
  private static double share(long seed, int secondAfter, int fps) {
    SimulatedLink<Flow.Packet> link = new SimulatedLink<>(seed, conditions(3_000_000, 20, 2, 0));
    Flow first = flow(fps);
    Flow second = flow(fps);
    second.startNs = START + secondAfter * 1_000 * MS;
    LinkPlan plan = new LinkPlan(link, back(seed, 20), first, second);
    plan.run((secondAfter + 30) * 1_000 * MS);
    long a = first.receivedBytes;
    long b = second.receivedBytes;
    plan.run(120_000 * MS);
    double ofFirst = first.receivedBytes - a;
    double ofSecond = second.receivedBytes - b;
    double used = (ofFirst + ofSecond) * 8 / 120 / 3_000_000;
    assertTrue(used > 0.75, "seed " + seed + ": used " + used);
    return ofFirst / (ofFirst + ofSecond);
  }

  @ParameterizedTest(name = "seed {0}, second after {1} s")
  @CsvSource({"21, 0", "22, 10", "23, 20", "24, 30", "25, 30"})
  void twoFlowsShare(long seed, int secondAfter) {
    double share = share(seed, secondAfter, 0);
    assertTrue(share > 0.4 && share < 0.6, "share of the first: " + share);
  }

  /** Frames of two cameras of one rate keep their order: one always meets the other's queue. */
  @Test
  void twoFlowsOfFramesShareWithEverySeed() {
    for (int seed = 1; seed <= 20; seed++) {
      double share = share(seed, seed % 4 * 10, seed % 2 == 0 ? 30 : 60);
      assertTrue(share > 0.4 && share < 0.6, "seed " + seed + ": " + share);
    }
  }

  @Test
  void anAppThatSendsLittleIsNotHeldBack() {
    SimulatedLink<Flow.Packet> link = new SimulatedLink<>(1, conditions(50_000_000, 1, 0, 0));
    Flow flow = new Flow(3_000_000, 30, 2_500_000);
    LinkPlan plan = new LinkPlan(link, back(1, 1), flow);
    plan.run(30_000 * MS);
    assertTrue(flow.control.held() == 0, "held back " + flow.control.held() + " times");
    assertTrue(flow.receivedBytes * 8.0 / 30 > 2_450_000, "received " + flow.receivedBytes);
  }
}
