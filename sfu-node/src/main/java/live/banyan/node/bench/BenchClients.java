package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import live.banyan.node.demo.NodeProcess;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;

/**
 * Who publishes a {@link ForwardLoad} to nodes, and who watches it: WHIP and WHEP, ICE, DTLS, SRTP.
 */
final class BenchClients implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ForwardLoad load;
  private final ClientHost publishers = ClientHost.open();
  private final ClientHost viewers = ClientHost.open();
  private final List<GatedSource> sources = new ArrayList<>();
  private final List<Publisher> broadcasts = new ArrayList<>();
  private final List<Viewer> crowd = new ArrayList<>();

  BenchClients(ForwardLoad load) throws IOException {
    this.load = load;
  }

  /** Publishes all broadcasts of the load, and waits until each gets through. */
  void publish(NodeProcess node) throws IOException, InterruptedException {
    for (int stream = 0; stream < load.streams(); stream++) {
      GatedSource source =
          new GatedSource(
              new PatternSource(
                  load.bitrateBps(), ForwardLoad.DATAGRAM_BYTES, ForwardLoad.FRAMES_PER_SECOND, 2));
      URI whip = URI.create(node.http() + "/whip/" + ForwardLoad.name(stream));
      Publisher publisher = started(Publisher.open(publishers, Publisher.Options.of(whip, source)));
      sources.add(source);
      broadcasts.add(publisher);
      if (!publisher.awaitLive(PATIENCE)) {
        throw new IOException("a broadcast does not get through");
      }
    }
  }

  /** Has some watch a broadcast; see {@link #awaitMedia}. */
  void watch(NodeProcess node, int stream, int count) throws IOException, InterruptedException {
    URI whep = URI.create(node.http() + "/whep/" + ForwardLoad.name(stream));
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

  /** Waits until all who watch have got something. */
  void awaitMedia() throws IOException, InterruptedException {
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

  /** Lets the broadcasts flow, or stops them. */
  void flow(boolean open) {
    sources.forEach(source -> source.open(open));
  }

  /** Packets that those who watch miss and did not get repeated. */
  long lost() throws InterruptedException {
    long lost = 0;
    for (Viewer viewer : crowd) {
      lost += viewer.report().lost();
    }
    return lost;
  }

  /** What they got so far. */
  Contender.Traffic traffic() throws InterruptedException {
    long received = 0;
    LatencyHistogram latencies = new LatencyHistogram();
    for (Viewer viewer : crowd) {
      WatchReport report = viewer.report();
      received += report.packets();
      latencies.add(viewer.latencies());
    }
    return new Contender.Traffic(received, latencies);
  }

  @Override
  public void close() {
    crowd.forEach(Viewer::close);
    broadcasts.forEach(Publisher::close);
    viewers.close();
    publishers.close();
  }
}
