package live.banyan.node.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import live.banyan.sfu.client.LatencyHistogram;
import org.jspecify.annotations.Nullable;

/**
 * CPU and latency of forwarding broadcasts to many, against the floor with and without
 * segmentation. The three take turns in short slices, so that what else the machine does falls on
 * all of them alike; first in slices that do not count, until their JVMs hardly compile any more.
 */
final class ForwardBench {
  private static final Duration SLICE = Duration.ofSeconds(2);

  /** Of a slice's CPU compiling takes at most so much, twice in a row, once it has settled. */
  private static final double COMPILING_PERCENT_MAX = 3;

  private static final int FIRST_WARM_UPS_MAX = 20;

  /** What is called a few times a second would be compiled after half an hour. */
  private static final int WARM_UPS_MAX = 20;

  /** What is under way when a slice ends still belongs to it. */
  private static final Duration SETTLE = Duration.ofMillis(150);

  private final ForwardLoad load;
  private final int rounds;
  private final Consumer<String> progress;

  ForwardBench(ForwardLoad load, int seconds, Consumer<String> progress) {
    this.load = load;
    this.rounds = Math.max(1, (int) (seconds / SLICE.toSeconds()));
    this.progress = progress;
  }

  /** What one contender did in all its slices. */
  private static final class Tally {
    final LatencyHistogram latencies = new LatencyHistogram();
    final List<Double> usPerPacket = new ArrayList<>();
    final List<Double> compilingPercent = new ArrayList<>();
    long wallNs;
    long received;

    /** The middle slice: a burst of compiling, here or elsewhere on the machine, tells nothing. */
    double usPerPacket() {
      return median(usPerPacket);
    }

    double compilingPercent() {
      return median(compilingPercent);
    }

    private static double median(List<Double> values) {
      return values.stream().sorted().toList().get(values.size() / 2);
    }
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    progress.accept(
        "starting a node with " + load.subscriptions() + " subscribers, and two floors");
    try (NodeUnderTest node = load.relayed() ? new RelayContender(load) : new NodeContender(load);
        FloorContender floor = new FloorContender(load, false);
        FloorContender plainFloor = new FloorContender(load, true)) {
      node.flow(false);
      progress.accept("warming up until compiling has settled, at most three minutes");
      // A crowd at a node whose code is not compiled yet keeps several shards busy for good.
      int warmUps = warmUp(List.of(node), FIRST_WARM_UPS_MAX);
      node.flow(true);
      node.fill();
      node.flow(false);
      warmUps += 3 * warmUp(List.of(node, floor, plainFloor), WARM_UPS_MAX);
      progress.accept("measuring for " + 3 * rounds * SLICE.toSeconds() + " s");
      Tally ofNode = new Tally();
      Tally ofFloor = new Tally();
      Tally ofPlainFloor = new Tally();
      NodeFigures before = NodeFigures.of(node.node());
      long lostBefore = node.lost();
      long stopsBefore = GcPauses.lines(node.gcLog());
      for (int round = 0; round < rounds; round++) {
        slice(node, SLICE, ofNode);
        slice(floor, SLICE, ofFloor);
        slice(plainFloor, SLICE, ofPlainFloor);
      }
      NodeFigures after = NodeFigures.of(node.node());
      long lost = node.lost() - lostBefore;
      GcPauses pauses = GcPauses.read(node.gcLog(), stopsBefore);
      Map<String, @Nullable Object> figures = new LinkedHashMap<>();
      figures.put("broadcasts", load.streams());
      figures.put("subscribers", load.subscriptions());
      figures.put("usPerPacket", round(ofNode.usPerPacket(), 1_000));
      figures.put("floorUsPerPacket", round(ofFloor.usPerPacket(), 1_000));
      figures.put("plainFloorUsPerPacket", round(ofPlainFloor.usPerPacket(), 1_000));
      figures.put("ratio", round(ofNode.usPerPacket() / ofFloor.usPerPacket(), 100));
      figures.put("ratioToPlain", round(ofNode.usPerPacket() / ofPlainFloor.usPerPacket(), 100));
      figures.put("warmUpSeconds", warmUps * SLICE.toSeconds());
      figures.put("compilingPercent", round(ofNode.compilingPercent(), 10));
      figures.put("floorCompilingPercent", round(ofFloor.compilingPercent(), 10));
      figures.put("packetsPerSecond", Math.round(ofNode.received * 1e9 / ofNode.wallNs));
      figures.put("lost", lost);
      latencies(figures, "", ofNode);
      latencies(figures, "floor", ofFloor);
      latencies(figures, "plainFloor", ofPlainFloor);
      figures.put(
          "latencyP99Ratio",
          round(
              (double) ofNode.latencies.quantileNs(0.99) / ofFloor.latencies.quantileNs(0.99),
              100));
      Usage usage = Usage.of(node.pid());
      figures.put("rssMb", usage.rssMb());
      figures.put(
          "bytesAllocatedPerPacket",
          round(
              (after.allocatedBytes() - before.allocatedBytes()) / (double) ofNode.received,
              1_000));
      figures.put(
          "segmentsPerSend",
          round((after.sent() - before.sent()) / (after.sendCalls() - before.sendCalls()), 100));
      figures.put(
          "segmentsPerReceive",
          round(
              (after.received() - before.received())
                  / (after.receiveMessages() - before.receiveMessages()),
              100));
      figures.put("gcPauses", pauses.count());
      figures.put("gcPauseMsMax", pauses.maxMs());
      figures.put("otherStopMsMax", pauses.otherMaxMs());
      GcPauses all = GcPauses.read(node.gcLog());
      figures.put("gcPausesSinceStart", all.count());
      figures.put("gcPauseMsMaxSinceStart", all.maxMs());
      if (node instanceof NodeContender alone) {
        progress.accept("letting further subscribers in to see what they take");
        NodeContender.KbPerSubscriber further = alone.furtherSubscribers();
        figures.put("kbPerFurtherSubscriber", further.heap() + further.beside());
        figures.put("kbOfThatOnTheHeap", further.heap());
      }
      return figures;
    }
  }

  private static void latencies(Map<String, @Nullable Object> figures, String whose, Tally tally) {
    figures.put(named(whose, "latencyMsP50"), round(tally.latencies.quantileNs(0.5) / 1e6, 100));
    figures.put(named(whose, "latencyMsP99"), round(tally.latencies.quantileNs(0.99) / 1e6, 100));
  }

  private static String named(String whose, String what) {
    return whose.isEmpty()
        ? what
        : whose + Character.toUpperCase(what.charAt(0)) + what.substring(1);
  }

  /**
   * Until the JVMs hardly compile any more, so that what is compared is the programs. They take
   * turns as they will when measured: code that has never seen a pause is compiled anew after one.
   *
   * @return slices of each that it took
   */
  private static int warmUp(List<Contender> contenders, int max)
      throws IOException, InterruptedException {
    int settled = 0;
    int slices = 0;
    while (settled < 2 && slices < max) {
      double compiling = 0;
      for (Contender contender : contenders) {
        Tally tally = new Tally();
        slice(contender, SLICE, tally);
        compiling = Math.max(compiling, tally.compilingPercent());
      }
      settled = compiling <= COMPILING_PERCENT_MAX ? settled + 1 : 0;
      slices++;
    }
    return slices;
  }

  private static void slice(Contender contender, Duration time, Tally tally)
      throws IOException, InterruptedException {
    Contender.Traffic traffic = contender.traffic();
    rest(SETTLE);
    Usage usage = Usage.of(contender.pid());
    contender.flow(true);
    rest(time);
    contender.flow(false);
    rest(SETTLE);
    Usage usageAfter = Usage.of(contender.pid());
    Contender.Traffic trafficAfter = contender.traffic();
    long received = trafficAfter.received() - traffic.received();
    tally.usPerPacket.add(usageAfter.cpuNsSince(usage) / 1e3 / Math.max(1, received));
    tally.compilingPercent.add(usageAfter.compilingPercentSince(usage));
    tally.wallNs += time.toNanos();
    tally.received += received;
    LatencyHistogram latencies = trafficAfter.latencies();
    latencies.subtract(traffic.latencies());
    tally.latencies.add(latencies);
  }

  private static void rest(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  private static double round(double value, int steps) {
    return Math.round(value * steps) / (double) steps;
  }
}
