package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import live.banyan.node.demo.LocalSite;
import live.banyan.node.demo.NodeProcess;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import org.jspecify.annotations.Nullable;

/**
 * A node over a long time, with viewers who come and go, some without a word, and a broadcast that
 * begins anew with each sample beside one that lasts. Memory and tables are sampled meanwhile; at
 * the end everybody has left, and so must what the node kept for them.
 */
final class SoakBench {
  private static final Duration STAY_MEAN = Duration.ofSeconds(20);
  private static final Duration STAY_MAX = Duration.ofSeconds(120);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SAMPLE = Duration.ofSeconds(30);

  /** In a short run there are at least so many samples. */
  private static final int SAMPLES_MIN = 12;

  /** One in so many leaves without a word. */
  private static final int VANISH = 5;

  /** What the tables hold at the end may take so long to go: ICE's silence and a sweep. */
  private static final Duration CLEARING = Duration.ofSeconds(60);

  /**
   * More than compiling and fragmentation add once the node is warm: after 20 minutes of 2 joins a
   * second some 600 bytes of heap and 3 KB of other memory a join.
   */
  private static final double MEMORY_SHARE = 0.05;

  /** Who happens to be there varies by more than memory does. */
  private static final double TABLES_SHARE = 0.2;

  private static final int BITRATE_BPS = 500_000;

  private final Duration time;
  private final int viewers;
  private final Consumer<String> progress;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong joins = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong vanished = new AtomicLong();
  private final SoakSeries resident = new SoakSeries();
  private final SoakSeries nativeResident = new SoakSeries();
  private final SoakSeries liveHeap = new SoakSeries();
  private final Map<String, SoakSeries> tables = new LinkedHashMap<>();

  SoakBench(Duration time, int viewers, Consumer<String> progress) {
    this.time = time;
    this.viewers = viewers;
    this.progress = progress;
  }

  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    try (LocalSite site = new LocalSite(LocalSite.Place.loopback());
        ClientHost host = ClientHost.open()) {
      site.startAlone();
      NodeProcess node = site.nodes().getFirst();
      soak(host, node);
      progress.accept("waiting until the node has forgotten all");
      Map<String, Double> left = NodeTables.awaitEmpty(node, CLEARING);
      List<String> growing = growing();
      Map<String, @Nullable Object> figures = new LinkedHashMap<>();
      figures.put("minutes", time.toMinutes());
      figures.put("viewersAtATime", viewers);
      figures.put("joins", joins.get());
      figures.put("joinsFailed", refused.get());
      figures.put("vanished", vanished.get());
      put(figures, "rssMb", resident);
      put(figures, "nativeMb", nativeResident);
      put(figures, "liveHeapMb", liveHeap);
      tables.forEach((name, series) -> put(figures, name, series));
      figures.put("leftAtTheEnd", left);
      figures.put("growing", growing);
      figures.put("flat", growing.isEmpty() && left.isEmpty());
      return figures;
    }
  }

  private List<String> growing() {
    List<String> growing = new ArrayList<>();
    Map<String, SoakSeries> memory =
        Map.of("rssMb", resident, "nativeMb", nativeResident, "liveHeapMb", liveHeap);
    memory.forEach((name, series) -> addGrowing(growing, name, series, MEMORY_SHARE));
    tables.forEach((name, series) -> addGrowing(growing, name, series, TABLES_SHARE));
    growing.sort(null);
    return growing;
  }

  private static void addGrowing(
      List<String> growing, String name, SoakSeries series, double share) {
    if (series.grows(share)) {
      growing.add(name);
    }
  }

  private static void put(Map<String, @Nullable Object> figures, String name, SoakSeries series) {
    figures.put(name + "First", EndToEndBench.round(series.first()));
    figures.put(name + "Last", EndToEndBench.round(series.last()));
    figures.put(name + "Highest", EndToEndBench.round(series.highest()));
    figures.put(name + "PerHour", EndToEndBench.round(series.perHour()));
  }

  private void soak(ClientHost host, NodeProcess node) throws IOException, InterruptedException {
    URI whep = URI.create(node.http() + "/whep/");
    try (Publisher lasting = publish(host, node, "lasting");
        ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < viewers; i++) {
          Random chance = new Random(i);
          crowd.submit(() -> comeAndGo(host, whep.resolve("lasting"), chance));
        }
        watch(host, node, lasting);
      } finally {
        over.set(true);
        crowd.shutdownNow();
      }
    }
  }

  private void watch(ClientHost host, NodeProcess node, Publisher lasting)
      throws IOException, InterruptedException {
    URI whep = URI.create(node.http() + "/whep/passing");
    long samples = Math.max(SAMPLES_MIN, time.dividedBy(SAMPLE));
    long startNs = System.nanoTime();
    for (long i = 1; i <= samples; i++) {
      try (Publisher passing = publish(host, node, "passing");
          Viewer viewer = started(host, whep)) {
        long dueNs = startNs + time.toNanos() / samples * i;
        TimeUnit.NANOSECONDS.sleep(dueNs - System.nanoTime());
        sample(node, (System.nanoTime() - startNs) / 1e9);
        if (lasting.ended().isDone() || passing.ended().isDone()) {
          throw new IOException("the node ended a broadcast");
        }
        if (viewer.report().packets() == 0) {
          throw new IOException("the node no longer forwards");
        }
      }
    }
  }

  private void sample(NodeProcess node, double second) throws IOException, InterruptedException {
    NodeMemory memory = NodeMemory.of(node.pid());
    resident.add(second, memory.resident());
    nativeResident.add(second, memory.nativeResident());
    liveHeap.add(second, memory.liveHeap());
    Map<String, Double> sizes = NodeTables.of(node);
    sizes.forEach(
        (name, size) -> tables.computeIfAbsent(name, n -> new SoakSeries()).add(second, size));
    progress.accept(
        "%.0f s, %d joins, %.1f MB resident, %.1f MB of it native, %.1f MB live heap, %s"
            .formatted(
                second,
                joins.get(),
                memory.resident(),
                memory.nativeResident(),
                memory.liveHeap(),
                sizes));
  }

  private static Publisher publish(ClientHost host, NodeProcess node, String stream)
      throws IOException, InterruptedException {
    PatternSource source = new PatternSource(BITRATE_BPS, 1_200, 30, 2);
    URI whip = URI.create(node.http() + "/whip/" + stream);
    Publisher publisher =
        switch (Publisher.open(host, Publisher.Options.of(whip, source))) {
          case Start.Started<Publisher> s -> s.session();
          case Start.Refused<Publisher> r ->
              throw new IOException(r.status() + ": " + r.sentence());
          case Start.Failed<Publisher> f -> throw new IOException(f.sentence());
        };
    if (!publisher.awaitLive(PATIENCE)) {
      throw new IOException("the broadcast does not get through");
    }
    return publisher;
  }

  private static Viewer started(ClientHost host, URI whep)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      if (Viewer.open(host, Viewer.Options.of(whep).withoutFrames())
          instanceof Start.Started<Viewer>(Viewer viewer)) {
        return viewer;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("nobody can watch " + whep);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private Void comeAndGo(ClientHost host, URI whep, Random chance) throws InterruptedException {
    while (!over.get()) {
      try {
        if (!(Viewer.open(host, Viewer.Options.of(whep).withoutFrames())
            instanceof Start.Started<Viewer>(Viewer viewer))) {
          refused.incrementAndGet();
          TimeUnit.SECONDS.sleep(1);
        } else {
          stay(viewer, chance);
        }
      } catch (IOException e) {
        refused.incrementAndGet();
        TimeUnit.SECONDS.sleep(1);
      }
    }
    return null;
  }

  /** For a time that has no memory, so that the crowd is as old as it is in life. */
  private void stay(Viewer viewer, Random chance) throws InterruptedException {
    double ns = -Math.log(1 - chance.nextDouble()) * STAY_MEAN.toNanos();
    try {
      (viewer.awaitKeys(PATIENCE) ? joins : refused).incrementAndGet();
      viewer.awaitEnd(Duration.ofNanos((long) Math.min(ns, STAY_MAX.toNanos())));
    } finally {
      if (chance.nextInt(VANISH) == 0) {
        vanished.incrementAndGet();
        viewer.vanish();
      } else {
        viewer.close();
      }
    }
  }
}
