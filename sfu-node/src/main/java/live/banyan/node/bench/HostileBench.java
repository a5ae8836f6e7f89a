package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import org.jspecify.annotations.Nullable;

/**
 * A broadcast to subscribers who are in, viewers who come one after the other, and strangers who
 * flood the media port meanwhile. The same time without the flood is what it is compared with.
 */
final class HostileBench {
  private static final int PACKETS_PER_SECOND = 260;
  private static final int FIRST_SECONDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BETWEEN_JOINS = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofMillis(2);

  /** What of the latency's growth the promise to those who are in allows. */
  private static final double GROWTH_MS_MAX = 5;

  private final int subscribers;
  private final Flood.Rate rate;
  private final int seconds;
  private final Consumer<String> progress;

  HostileBench(int subscribers, Flood.Rate rate, int seconds, Consumer<String> progress) {
    this.subscribers = subscribers;
    this.rate = rate;
    this.seconds = seconds;
    this.progress = progress;
  }

  /** Times from request to first complete frame, infinite where none came. */
  private record Joins(List<Double> ms) {
    long failed() {
      return ms.stream().filter(time -> Double.isInfinite(time)).count();
    }

    @Nullable Double quantile(double share) {
      List<Double> sorted = ms.stream().sorted().toList();
      double at = sorted.get((int) (share * (sorted.size() - 1)));
      return Double.isInfinite(at) ? null : EndToEndBench.round(at);
    }
  }

  /** What the node counts about strangers, and about handshakes. */
  private record Counts(double unknown, double forged, double peers, double full, double started) {
    static Counts of(NodeContender node) throws IOException, InterruptedException {
      String page = NodeFigures.page(node.node());
      return new Counts(
          dropped(page, "stun_unknown_user"),
          dropped(page, "stun_forged"),
          dropped(page, "unknown_peer"),
          dropped(page, "queue_full"),
          NodeFigures.sum(page, "banyan_dtls_started_total"));
    }

    private static double dropped(String page, String reason) throws IOException {
      return NodeFigures.sum(page, "banyan_dropped_total{reason=\"" + reason + "\"}");
    }

    double refused() {
      return unknown + forged + peers;
    }
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    progress.accept("starting a node with " + subscribers + " subscribers");
    try (NodeContender node =
            new NodeContender(ForwardLoad.broadcast(subscribers, PACKETS_PER_SECOND));
        ClientHost host = ClientHost.open();
        Viewer known = started(Viewer.open(host, options(node).withoutFrames()));
        Flood flood = new Flood(node.node(), rate, known.iceUsername())) {
      node.fill();
      progress.accept("warming up: joins, and a flood of " + FIRST_SECONDS + " s");
      join(host, node, Duration.ofSeconds(FIRST_SECONDS));
      Stretch first = Stretch.of(node, () -> flood.pour(FIRST_SECONDS));
      progress.accept("measuring " + seconds + " s without, and as many with the flood");
      NodeMemory memoryBefore = NodeMemory.of(node.pid());
      List<Joins> joins = new ArrayList<>();
      Stretch calm =
          Stretch.of(node, () -> joins.add(join(host, node, Duration.ofSeconds(seconds))));
      Counts before = Counts.of(node);
      List<Flood.Tally> tally = new ArrayList<>();
      Stretch flooded =
          Stretch.of(
              node,
              () -> {
                Thread pouring = Thread.ofVirtual().start(() -> pour(flood, tally));
                joins.add(join(host, node, Duration.ofSeconds(seconds)));
                pouring.join();
              });
      if (tally.isEmpty()) {
        throw new IOException("the flood has ended before its time");
      }
      Counts after = Counts.of(node);
      NodeMemory memory = NodeMemory.of(node.pid());
      Map<String, @Nullable Object> figures = new LinkedHashMap<>();
      figures.put("subscribers", subscribers);
      sent(figures, tally.getFirst(), before, after);
      served(figures, calm, first, flooded, tally.getFirst());
      joined(figures, joins.getFirst(), joins.getLast());
      double strangers = after.started() - before.started() - joins.getLast().ms().size();
      figures.put("handshakesOfStrangers", Math.max(0, strangers));
      figures.put("calmRssMb", EndToEndBench.round(memoryBefore.resident()));
      figures.put("rssMb", EndToEndBench.round(memory.resident()));
      figures.put("calmLiveHeapMb", EndToEndBench.round(memoryBefore.liveHeap()));
      figures.put("liveHeapMb", EndToEndBench.round(memory.liveHeap()));
      figures.put(
          "unharmed",
          flooded.lost() == 0
              && flooded.latencyMs(0.99) < calm.latencyMs(0.99) + GROWTH_MS_MAX
              && joins.getLast().failed() == 0
              && strangers <= 0
              && tally.getFirst().amplified() == 0);
      return figures;
    }
  }

  private void pour(Flood flood, List<Flood.Tally> tally) {
    try {
      tally.add(flood.pour(seconds));
    } catch (IOException e) {
      progress.accept("the flood failed: " + e.getMessage());
    }
  }

  private void sent(
      Map<String, @Nullable Object> figures, Flood.Tally tally, Counts before, Counts after) {
    figures.put("addresses", rate.addresses());
    figures.put("hostilePerSecond", Math.round(tally.sent() / tally.seconds()));
    figures.put("hostile", tally.sent());
    figures.put("refused", after.refused() - before.refused());
    figures.put("refusedUnknownUser", after.unknown() - before.unknown());
    figures.put("refusedForged", after.forged() - before.forged());
    figures.put("refusedUnknownPeer", after.peers() - before.peers());
    figures.put("queueFull", after.full() - before.full());
    figures.put("hostileBytes", tally.sentBytes());
    figures.put("answers", tally.answered());
    figures.put("answerBytes", tally.answeredBytes());
    figures.put("amplifiedAddresses", tally.amplified());
  }

  private static void served(
      Map<String, @Nullable Object> figures,
      Stretch calm,
      Stretch first,
      Stretch flooded,
      Flood.Tally tally) {
    figures.put("calmLost", calm.lost());
    figures.put("firstLost", first.lost());
    figures.put("lost", flooded.lost());
    figures.put("calmLatencyMsP50", EndToEndBench.round(calm.latencyMs(0.5)));
    figures.put("latencyMsP50", EndToEndBench.round(flooded.latencyMs(0.5)));
    figures.put("calmLatencyMsP99", EndToEndBench.round(calm.latencyMs(0.99)));
    figures.put("firstLatencyMsP99", EndToEndBench.round(first.latencyMs(0.99)));
    figures.put("latencyMsP99", EndToEndBench.round(flooded.latencyMs(0.99)));
    figures.put("calmCpuPercent", EndToEndBench.round(calm.cpuPercent()));
    figures.put("cpuPercent", EndToEndBench.round(flooded.cpuPercent()));
    double more = (flooded.cpuPercent() - calm.cpuPercent()) / 100 * flooded.wallNs();
    figures.put("usPerHostile", EndToEndBench.round(more / 1e3 / Math.max(1, tally.sent())));
  }

  private static void joined(Map<String, @Nullable Object> figures, Joins calm, Joins flooded) {
    figures.put("joins", flooded.ms().size());
    figures.put("joinsFailed", flooded.failed());
    figures.put("calmJoinMsMedian", calm.quantile(0.5));
    figures.put("joinMsMedian", flooded.quantile(0.5));
    figures.put("calmJoinMsMax", calm.quantile(1));
    figures.put("joinMsMax", flooded.quantile(1));
  }

  private static Viewer.Options options(NodeContender node) {
    return Viewer.Options.of(URI.create(node.node().http() + "/whep/bench0"));
  }

  /** One viewer after the other comes, sees a picture, and goes. */
  private static Joins join(ClientHost host, NodeContender node, Duration time)
      throws InterruptedException {
    List<Double> ms = new ArrayList<>();
    long startNs = System.nanoTime();
    for (long dueNs = startNs; dueNs - startNs < time.toNanos(); dueNs += BETWEEN_JOINS.toNanos()) {
      TimeUnit.NANOSECONDS.sleep(dueNs - System.nanoTime());
      ms.add(joinOnce(host, node));
    }
    TimeUnit.NANOSECONDS.sleep(startNs + time.toNanos() - System.nanoTime());
    return new Joins(ms);
  }

  private static double joinOnce(ClientHost host, NodeContender node) throws InterruptedException {
    try (Viewer viewer = started(Viewer.open(host, options(node)))) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline) {
        Double first = viewer.report().firstFrameMs();
        if (first != null) {
          return first;
        }
        TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
      }
    } catch (IOException refused) {
      // Counted as one who saw nothing.
    }
    return Double.POSITIVE_INFINITY;
  }

  private static <S> S started(Start<S> start) throws IOException {
    return switch (start) {
      case Start.Started<S> s -> s.session();
      case Start.Refused<S> r -> throw new IOException(r.status() + ": " + r.sentence());
      case Start.Failed<S> f -> throw new IOException(f.sentence());
    };
  }
}
