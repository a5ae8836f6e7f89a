package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import org.jspecify.annotations.Nullable;

/**
 * A crowd that comes in at once, and what it does to those who are in already. A join is all of it:
 * WHEP request, ICE, DTLS handshake, keys; and the leaving after it. The CPU that the subscribers
 * who are in cost without the crowd is taken off. The crowd is a process of its own that gives way
 * to the node and to those who are timed.
 */
final class JoinBench {
  private static final int PACKETS_PER_SECOND = 260;
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final int WARM_UPS_MAX = 5;
  private static final double HARDLY = 0.95;

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

  /** A crowd, and the stretch of time in which it came. */
  private record Rush(int joins, Stretch stretch) {
    double cpuMsPerJoin(Stretch calm) {
      double ofOthers = (double) calm.cpuNs() * stretch.wallNs() / calm.wallNs();
      return (stretch.cpuNs() - ofOthers) / 1e6 / Math.max(1, joins);
    }
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    progress.accept("starting a node with " + subscribers + " subscribers");
    try (NodeContender node =
            new NodeContender(ForwardLoad.broadcast(subscribers, PACKETS_PER_SECOND));
        ClientHost host = ClientHost.open();
        // The crowd watches another stream, of next to nothing.
        Publisher publisher = publish(host, URI.create(node.node().http() + "/whip/crowd"));
        JoinCrowd crowd = new JoinCrowd(URI.create(node.node().http() + "/whep/crowd"), atOnce)) {
      node.fill();
      progress.accept("warming up with crowds of " + joins + " joins, " + atOnce + " at once");
      Rush first = rush(node, crowd);
      warmUp(node, crowd, first);
      progress.accept("measuring " + joins + " joins");
      Stretch calm = Stretch.of(node, () -> TimeUnit.NANOSECONDS.sleep(CALM.toNanos()));
      Rush rush = rush(node, crowd);
      Map<String, @Nullable Object> figures = new LinkedHashMap<>();
      figures.put("joins", rush.joins());
      figures.put("joinsFailed", joins - rush.joins());
      figures.put("joinsPerSecond", Math.round(rush.joins() * 1e9 / rush.stretch().wallNs()));
      figures.put("joinsPerCpuSecond", Math.round(1e3 / rush.cpuMsPerJoin(calm)));
      figures.put("firstJoinsPerCpuSecond", Math.round(1e3 / first.cpuMsPerJoin(calm)));
      figures.put("cpuMsPerJoin", EndToEndBench.round(rush.cpuMsPerJoin(calm)));
      figures.put("calmLatencyMsP99", EndToEndBench.round(calm.latencyMs(0.99)));
      figures.put("latencyMsP99", EndToEndBench.round(rush.stretch().latencyMs(0.99)));
      figures.put("firstLatencyMsP99", EndToEndBench.round(first.stretch().latencyMs(0.99)));
      figures.put("lost", node.lost());
      GcPauses pauses = GcPauses.read(node.gcLog());
      figures.put("gcPauses", pauses.count());
      figures.put("gcPauseMsMax", pauses.maxMs());
      figures.put("otherStopMsMax", pauses.otherMaxMs());
      figures.put("rssMb", Usage.of(node.pid()).rssMb());
      return figures;
    }
  }

  /** Until the JVM has compiled what it will: until a crowd costs hardly less than the last. */
  private void warmUp(NodeContender node, JoinCrowd crowd, Rush first)
      throws IOException, InterruptedException {
    long before = first.stretch().cpuNs();
    for (int i = 0; i < WARM_UPS_MAX; i++) {
      long cpuNs = rush(node, crowd).stretch().cpuNs();
      if (cpuNs > HARDLY * before) {
        return;
      }
      before = cpuNs;
    }
  }

  private Rush rush(NodeContender node, JoinCrowd crowd) throws IOException, InterruptedException {
    AtomicInteger done = new AtomicInteger();
    Stretch stretch = Stretch.of(node, () -> done.set(crowd.join(joins)));
    return new Rush(done.get(), stretch);
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
}
