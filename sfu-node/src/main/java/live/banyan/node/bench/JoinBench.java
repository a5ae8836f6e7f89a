package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import org.jspecify.annotations.Nullable;

/**
 * A crowd that comes in at once, and what it does to those who are in already. A join is all of it:
 * WHEP request, ICE, DTLS handshake, keys; and the leaving after it. The CPU that the subscribers
 * who are in cost without the crowd is taken off.
 */
final class JoinBench {
  private static final int PACKETS_PER_SECOND = 260;
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final int subscribers;
  private final int joins;
  private final int atOnce;
  private final Consumer<String> progress;

  JoinBench(int subscribers, int joins, int atOnce, Consumer<String> progress) {
    this.subscribers = subscribers;
    this.joins = joins;
    this.atOnce = atOnce;
    this.progress = progress;
  }

  /** What a stretch of time cost the node, and how late packets were in it. */
  private record Stretch(long cpuNs, long wallNs, LatencyHistogram latencies) {}

  /** Something that happens in a stretch of time. */
  @FunctionalInterface
  private interface Happening {
    void happen() throws InterruptedException;
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    progress.accept("starting a node with " + subscribers + " subscribers");
    try (NodeContender node = new NodeContender(new ForwardLoad(subscribers, PACKETS_PER_SECOND));
        ClientHost host = ClientHost.open();
        // The crowd watches another stream, of next to nothing.
        Publisher publisher = publish(host, URI.create(node.node().http() + "/whip/crowd"))) {
      URI whep = URI.create(node.node().http() + "/whep/crowd");
      progress.accept("warming up with " + joins + " joins, " + atOnce + " at once");
      join(host, whep);
      progress.accept("measuring " + joins + " joins");
      Stretch calm = stretch(node, () -> TimeUnit.NANOSECONDS.sleep(CALM.toNanos()));
      AtomicInteger done = new AtomicInteger();
      Stretch crowd = stretch(node, () -> done.set(join(host, whep)));
      double cpuNs = crowd.cpuNs() - (double) calm.cpuNs() * crowd.wallNs() / calm.wallNs();
      Map<String, @Nullable Object> figures = new LinkedHashMap<>();
      figures.put("joins", done.get());
      figures.put("joinsFailed", joins - done.get());
      figures.put("joinsPerSecond", Math.round(done.get() * 1e9 / crowd.wallNs()));
      figures.put("joinsPerCpuSecond", Math.round(done.get() * 1e9 / cpuNs));
      figures.put("cpuMsPerJoin", EndToEndBench.round(cpuNs / 1e6 / Math.max(1, done.get())));
      figures.put("calmLatencyMsP99", EndToEndBench.round(p99(calm)));
      figures.put("latencyMsP99", EndToEndBench.round(p99(crowd)));
      figures.put("lost", node.lost());
      GcPauses pauses = GcPauses.read(node.gcLog());
      figures.put("gcPauses", pauses.count());
      figures.put("gcPauseMsMax", pauses.maxMs());
      figures.put("otherStopMsMax", pauses.otherMaxMs());
      figures.put("rssMb", Usage.of(node.pid()).rssMb());
      return figures;
    }
  }

  private static double p99(Stretch stretch) {
    return stretch.latencies().quantileNs(0.99) / 1e6;
  }

  private static Stretch stretch(NodeContender node, Happening happening)
      throws IOException, InterruptedException {
    LatencyHistogram before = node.traffic().latencies();
    Usage usage = Usage.of(node.pid());
    happening.happen();
    Usage after = Usage.of(node.pid());
    LatencyHistogram latencies = node.traffic().latencies();
    latencies.subtract(before);
    return new Stretch(after.cpuNsSince(usage), after.atNs() - usage.atNs(), latencies);
  }

  private static Publisher publish(ClientHost host, URI whip)
      throws IOException, InterruptedException {
    PatternSource source = new PatternSource(16_000, 200, 10, 1);
    return switch (Publisher.open(host, Publisher.Options.of(whip, source))) {
      case Start.Started<Publisher> s -> s.session();
      case Start.Refused<Publisher> r -> throw new IOException(r.status() + ": " + r.sentence());
      case Start.Failed<Publisher> f -> throw new IOException(f.sentence());
    };
  }

  /** Has everybody join and leave. @return how many got in */
  private int join(ClientHost host, URI whep) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(joins);
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < atOnce; i++) {
        crowd.submit(
            () -> {
              while (left.getAndDecrement() > 0) {
                if (joinOnce(host, whep)) {
                  done.incrementAndGet();
                }
              }
              return true;
            });
      }
    }
    return done.get();
  }

  private static boolean joinOnce(ClientHost host, URI whep)
      throws IOException, InterruptedException {
    if (!(Viewer.open(host, Viewer.Options.of(whep).withoutFrames())
        instanceof Start.Started<Viewer>(Viewer viewer))) {
      return false;
    }
    try (viewer) {
      return viewer.awaitKeys(PATIENCE);
    }
  }
}
