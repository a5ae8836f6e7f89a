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
import live.banyan.node.demo.LocalSite;
import live.banyan.node.demo.LocalSite.Member;
import live.banyan.node.demo.NodeProcess;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.ClipSource;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;
import org.jspecify.annotations.Nullable;

/** The figures of issue-sized promises, measured with node processes and clients of our own. */
final class EndToEndBench {
  private static final int STARTS = 5;
  private static final int JOINS = 21;
  private static final int COLD_JOINS = 7;
  private static final int CROWD = 50;
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration CROWD_TIME = Duration.ofSeconds(20);
  private static final Duration IDLE_TIME = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Consumer<String> progress;
  private final Map<String, @Nullable Object> figures = new LinkedHashMap<>();

  EndToEndBench(Consumer<String> progress) {
    this.progress = progress;
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    starts();
    idle();
    crowd();
    joinsAndFailover();
    return figures;
  }

  private void starts() throws IOException, InterruptedException {
    progress.accept("starting a node " + STARTS + " times");
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      long before = System.nanoTime();
      try (LocalSite site = new LocalSite(LocalSite.Place.loopback())) {
        site.start(List.of(Member.of(8)));
        times.add(millisSince(before));
      }
    }
    figures.put("startToReadyMs", median(times));
  }

  private void idle() throws IOException, InterruptedException {
    progress.accept("watching an idle node without a site for " + IDLE_TIME.toSeconds() + " s");
    try (LocalSite site = new LocalSite(LocalSite.Place.loopback())) {
      site.startAlone();
      NodeProcess node = site.nodes().getFirst();
      rest(WARM_UP);
      Usage before = Usage.of(node.pid());
      rest(IDLE_TIME);
      Usage after = Usage.of(node.pid());
      figures.put("idleRssMb", after.rssMb());
      figures.put("idleCpuPercent", after.cpuPercentSince(before));
    }
  }

  private void crowd() throws IOException, InterruptedException {
    progress.accept(CROWD + " viewers of 2.5 Mbit/s for " + CROWD_TIME.toSeconds() + " s");
    try (LocalSite site = new LocalSite(LocalSite.Place.loopback());
        ClientHost publishers = ClientHost.open();
        ClientHost viewers = ClientHost.open()) {
      site.startAlone();
      NodeProcess node = site.nodes().getFirst();
      Publisher publisher =
          publish(publishers, Publisher.Options.of(whip(node, "crowd"), PatternSource.standard()));
      List<Viewer> crowd = new ArrayList<>();
      for (int i = 0; i < CROWD; i++) {
        crowd.add(view(viewers, Viewer.Options.of(whep(node, "crowd"))));
      }
      Usage before = Usage.of(node.pid());
      rest(CROWD_TIME);
      Usage after = Usage.of(node.pid());
      long lost = 0;
      long broken = 0;
      long packets = 0;
      LatencyHistogram latencies = new LatencyHistogram();
      for (Viewer viewer : crowd) {
        WatchReport report = viewer.report();
        lost += report.lost();
        broken += report.framesBroken();
        packets += report.packets();
        latencies.add(viewer.latencies());
      }
      crowd.forEach(Viewer::close);
      publisher.close();
      figures.put("crowdLost", lost);
      figures.put("crowdFramesBroken", broken);
      figures.put("crowdPackets", packets);
      figures.put("crowdLatencyMsP50", round(latencies.quantileNs(0.5) / 1e6));
      figures.put("crowdLatencyMsP99", round(latencies.quantileNs(0.99) / 1e6));
      figures.put("crowdRssMb", after.rssMb());
      figures.put("crowdCpuPercent", after.cpuPercentSince(before));
    }
  }

  private void joinsAndFailover() throws IOException, InterruptedException {
    progress.accept(
        "joining " + JOINS + " times on the stream's node, cold over two hops, failover");
    try (LocalSite site = new LocalSite(LocalSite.Place.loopback());
        ClientHost publishers = ClientHost.open();
        ClientHost viewers = ClientHost.open()) {
      site.start(List.of(Member.of(1), Member.of(1, "failover"), Member.of(8)));
      List<NodeProcess> nodes = site.nodes();
      warmJoins(publishers, viewers, nodes.getFirst());
      coldJoins(publishers, viewers, nodes);
      failover(publishers, viewers, site);
    }
  }

  private void warmJoins(ClientHost publishers, ClientHost viewers, NodeProcess node)
      throws IOException, InterruptedException {
    List<Double> media = new ArrayList<>();
    List<Double> frames = new ArrayList<>();
    try (Publisher publisher =
        publish(publishers, Publisher.Options.of(whip(node, "warm"), ClipSource.bundled()))) {
      for (int i = 0; i < JOINS; i++) {
        WatchReport report = firstFrame(viewers, whep(node, "warm"));
        media.add(orInfinity(report.firstMediaMs()));
        frames.add(orInfinity(report.firstFrameMs()));
      }
    }
    figures.put("joinFirstMediaMs", median(media));
    figures.put("joinFirstFrameMs", median(frames));
  }

  /**
   * Neither node 2 nor node 3 has the stream when both are asked for it at once; node 1 takes one
   * child, so that one of them reaches it through the other.
   */
  private void coldJoins(ClientHost publishers, ClientHost viewers, List<NodeProcess> nodes)
      throws IOException, InterruptedException {
    List<Double> frames = new ArrayList<>();
    for (int i = 0; i < COLD_JOINS; i++) {
      String stream = "cold-" + i;
      try (Publisher publisher =
          publish(
              publishers,
              Publisher.Options.of(whip(nodes.getFirst(), stream), ClipSource.bundled()))) {
        rest(Duration.ofMillis(500));
        try (Viewer near = view(viewers, Viewer.Options.of(whep(nodes.get(1), stream)))) {
          WatchReport far = firstFrame(viewers, whep(nodes.get(2), stream));
          frames.add(
              Math.max(
                  orInfinity(far.firstFrameMs()),
                  orInfinity(awaitFirstFrame(near).firstFrameMs())));
        }
      }
    }
    figures.put("coldTwoHopsFirstFrameMs", median(frames));
  }

  private void failover(ClientHost publishers, ClientHost viewers, LocalSite site)
      throws IOException, InterruptedException {
    List<NodeProcess> nodes = site.nodes();
    try (Publisher publisher =
        publish(
            publishers,
            Publisher.Options.of(whip(nodes.getFirst(), "failover"), ClipSource.bundled()))) {
      site.awaitCarriers("failover", 2, PATIENCE);
      try (Viewer viewer = view(viewers, Viewer.Options.of(whep(nodes.getLast(), "failover")))) {
        awaitFirstFrame(viewer);
        rest(WARM_UP);
        nodes.get(1).kill();
        rest(Duration.ofSeconds(5));
        WatchReport report = viewer.report();
        figures.put("killedParentGapMs", report.longestGapMs());
        figures.put("killedParentFramesBroken", report.framesBroken());
        figures.put("killedParentLost", report.lost());
        figures.put("latencyMsP50", report.latencyMsP50());
      }
    }
  }

  // --- pieces -----------------------------------------------------------------------------------

  private static URI whip(NodeProcess node, String stream) {
    return URI.create(node.http() + "/whip/" + stream);
  }

  private static URI whep(NodeProcess node, String stream) {
    return URI.create(node.http() + "/whep/" + stream);
  }

  private static Publisher publish(ClientHost host, Publisher.Options options)
      throws IOException, InterruptedException {
    Publisher publisher = started(Publisher.open(host, options));
    if (!publisher.awaitLive(PATIENCE)) {
      throw new IOException("the broadcast does not get through");
    }
    return publisher;
  }

  /** Opens a viewer; a stream that is not live yet is asked for again for a while. */
  private static Viewer view(ClientHost host, Viewer.Options options)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Start<Viewer> start = Viewer.open(host, options);
      boolean soon =
          start instanceof Start.Refused<Viewer> r && (r.status() == 404 || r.status() == 409);
      if (!soon || System.nanoTime() > deadline) {
        return started(start);
      }
      rest(Duration.ofMillis(50));
    }
  }

  private static WatchReport firstFrame(ClientHost host, URI whep)
      throws IOException, InterruptedException {
    try (Viewer viewer = view(host, Viewer.Options.of(whep))) {
      return awaitFirstFrame(viewer);
    }
  }

  private static WatchReport awaitFirstFrame(Viewer viewer) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    WatchReport report = viewer.report();
    while (report.firstFrameMs() == null && System.nanoTime() < deadline) {
      rest(Duration.ofMillis(5));
      report = viewer.report();
    }
    return report;
  }

  private static <S> S started(Start<S> start) throws IOException {
    return switch (start) {
      case Start.Started<S> s -> s.session();
      case Start.Refused<S> r -> throw new IOException(r.status() + ": " + r.sentence());
      case Start.Failed<S> f -> throw new IOException(f.sentence());
    };
  }

  private static void rest(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  private static double orInfinity(@Nullable Double value) {
    return value == null ? Double.POSITIVE_INFINITY : value;
  }

  private static double millisSince(long startNs) {
    return (System.nanoTime() - startNs) / 1e6;
  }

  /** Null when at least half of the attempts came to nothing. */
  private static @Nullable Double median(List<Double> values) {
    double middle = values.stream().sorted().toList().get(values.size() / 2);
    return Double.isInfinite(middle) ? null : round(middle);
  }

  static double round(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
