package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import live.banyan.node.demo.LocalSite;
import live.banyan.node.demo.LocalSite.Member;
import live.banyan.node.demo.NodeProcess;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;

/** A node in a process of its own, with real clients here: WHIP and WHEP, ICE, DTLS, SRTP. */
final class NodeContender implements Contender {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Subscribers of a broadcast that the node is warmed up with. */
  private static final int FIRST = 20;

  /** Subscribers that come to see what they take. */
  private static final int FURTHER = 100;

  /** A subscriber's sent packets are remembered by 2,048, which take eight seconds. */
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private final LocalSite site = new LocalSite(LocalSite.Place.loopback());
  private final ClientHost publishers = ClientHost.open();
  private final ClientHost viewers = ClientHost.open();
  private final Path gcLog = Files.createTempFile("banyan-gc-", ".log");
  private final List<GatedSource> sources = new ArrayList<>();
  private final NodeProcess node;
  private final List<Publisher> broadcasts = new ArrayList<>();
  private final List<Viewer> crowd = new ArrayList<>();

  private final ForwardLoad load;

  /** Starts the node and waits until the first subscribers of each broadcast are watching. */
  NodeContender(ForwardLoad load) throws IOException, InterruptedException {
    this.load = load;
    site.startAlone(new Member(8, List.of(), List.of(GcPauses.jvmFlag(gcLog))));
    node = site.nodes().getFirst();
    for (int stream = 0; stream < load.streams(); stream++) {
      publish(stream);
    }
    for (int stream = 0; stream < load.streams(); stream++) {
      join(stream, first());
    }
    awaitMedia();
  }

  private int first() {
    return Math.min(FIRST, load.subscribers());
  }

  /** Lets the other subscribers in. */
  void fill() throws IOException, InterruptedException {
    for (int stream = 0; stream < load.streams(); stream++) {
      join(stream, load.subscribers() - first());
    }
    awaitMedia();
  }

  private void publish(int stream) throws IOException, InterruptedException {
    GatedSource source =
        new GatedSource(
            new PatternSource(
                load.bitrateBps(), ForwardLoad.DATAGRAM_BYTES, ForwardLoad.FRAMES_PER_SECOND, 2));
    URI whip = URI.create(node.http() + "/whip/bench" + stream);
    Publisher publisher = started(Publisher.open(publishers, Publisher.Options.of(whip, source)));
    sources.add(source);
    broadcasts.add(publisher);
    if (!publisher.awaitLive(PATIENCE)) {
      throw new IOException("a broadcast does not get through");
    }
  }

  private void join(int stream, int count) throws IOException, InterruptedException {
    URI whep = URI.create(node.http() + "/whep/bench" + stream);
    for (int i = 0; i < count; i++) {
      crowd.add(started(open(Viewer.Options.of(whep).withoutFrames())));
    }
  }

  /** A stream is told of a moment after its publisher's media flows. */
  private Start<Viewer> open(Viewer.Options options) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Start<Viewer> start = Viewer.open(viewers, options);
    while (start instanceof Start.Refused<Viewer> r
        && r.status() == 409
        && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
      start = Viewer.open(viewers, options);
    }
    return start;
  }

  private void awaitMedia() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Viewer viewer : crowd) {
      while (viewer.report().packets() == 0) {
        if (System.nanoTime() > deadline) {
          throw new IOException("a subscriber gets no media");
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  private static <S> S started(Start<S> start) throws IOException {
    return switch (start) {
      case Start.Started<S> s -> s.session();
      case Start.Refused<S> r -> throw new IOException(r.status() + ": " + r.sentence());
      case Start.Failed<S> f -> throw new IOException(f.sentence());
    };
  }

  NodeProcess node() {
    return node;
  }

  /**
   * What each subscriber takes who comes to those who are there: of what the node holds after a
   * full collection and of what is resident outside its heap. What its JVM takes once, for compiled
   * code and for a heap that has been touched, is nobody's share.
   */
  KbPerSubscriber furtherSubscribers() throws IOException, InterruptedException {
    flow(true);
    NodeMemory before = settledMemory();
    join(0, FURTHER);
    awaitMedia();
    NodeMemory after = settledMemory();
    flow(false);
    return new KbPerSubscriber(
        Math.round((after.liveHeap() - before.liveHeap()) * 1_024 / FURTHER),
        Math.round((after.nativeResident() - before.nativeResident()) * 1_024 / FURTHER));
  }

  /** Memory in KiB on the heap and beside it. */
  record KbPerSubscriber(long heap, long beside) {}

  /** Once all that remembers what has passed, of the last seconds, has been filled. */
  private NodeMemory settledMemory() throws IOException, InterruptedException {
    TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
    return NodeMemory.of(node.pid());
  }

  /** What the JVM wrote about stops so far. */
  Path gcLog() {
    return gcLog;
  }

  /** Packets that subscribers miss and did not get repeated. */
  long lost() throws InterruptedException {
    long lost = 0;
    for (Viewer viewer : crowd) {
      lost += viewer.report().lost();
    }
    return lost;
  }

  @Override
  public long pid() {
    return node.pid();
  }

  @Override
  public void flow(boolean open) {
    sources.forEach(source -> source.open(open));
  }

  @Override
  public Traffic traffic() throws InterruptedException {
    long received = 0;
    LatencyHistogram latencies = new LatencyHistogram();
    for (Viewer viewer : crowd) {
      WatchReport report = viewer.report();
      received += report.packets();
      latencies.add(viewer.latencies());
    }
    return new Traffic(received, latencies);
  }

  @Override
  public void close() {
    crowd.forEach(Viewer::close);
    broadcasts.forEach(Publisher::close);
    viewers.close();
    publishers.close();
    site.close();
    try {
      Files.deleteIfExists(gcLog);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
