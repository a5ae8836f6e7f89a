package live.banyan.node.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import live.banyan.node.demo.LocalSite;
import live.banyan.node.demo.LocalSite.Member;
import live.banyan.node.demo.NodeProcess;

/** A node alone, with its publishers and viewers here. */
final class NodeContender extends NodeUnderTest {
  /** Subscribers of a broadcast that the node is warmed up with. */
  private static final int FIRST = 20;

  /** Subscribers that come to see what they take. */
  private static final int FURTHER = 100;

  /** A subscriber's sent packets are remembered by 2,048, which take eight seconds. */
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private final LocalSite site = new LocalSite(LocalSite.Place.loopback());
  private final ForwardLoad load;
  private final BenchClients clients;

  /** Starts the node and waits until the first subscribers of each broadcast are watching. */
  NodeContender(ForwardLoad load) throws IOException, InterruptedException {
    this.load = load;
    clients = new BenchClients(load);
    site.startAlone(new Member(8, List.of(), jvmFlags()));
    clients.publish(node());
    watchAll(first());
  }

  private int first() {
    return Math.min(FIRST, load.subscribers());
  }

  @Override
  void fill() throws IOException, InterruptedException {
    watchAll(load.subscribers() - first());
  }

  private void watchAll(int each) throws IOException, InterruptedException {
    for (int stream = 0; stream < load.streams(); stream++) {
      clients.watch(node(), stream, each);
    }
    clients.awaitMedia();
  }

  @Override
  NodeProcess node() {
    return site.nodes().getFirst();
  }

  /**
   * What each subscriber takes who comes to those who are there: of what the node holds after a
   * full collection and of what is resident outside its heap. What its JVM takes once, for compiled
   * code and for a heap that has been touched, is nobody's share.
   */
  KbPerSubscriber furtherSubscribers() throws IOException, InterruptedException {
    flow(true);
    NodeMemory before = settledMemory();
    clients.watch(node(), 0, FURTHER);
    clients.awaitMedia();
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
    return NodeMemory.of(pid());
  }

  @Override
  long lost() throws InterruptedException {
    return clients.lost();
  }

  @Override
  public void flow(boolean open) {
    clients.flow(open);
  }

  @Override
  public Traffic traffic() throws InterruptedException {
    return clients.traffic();
  }

  @Override
  public void close() {
    clients.close();
    site.close();
    super.close();
  }
}
