package live.banyan.node.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import live.banyan.node.demo.LocalSite;
import live.banyan.node.demo.LocalSite.Member;
import live.banyan.node.demo.NodeProcess;

/**
 * A node between nodes: takes all broadcasts from one parent, and each child takes all of them from
 * it, each over one link. What is forwarded is what the children received; how late and how whole
 * it is, one viewer of each broadcast says, at one of the children.
 */
final class RelayContender extends NodeUnderTest {
  private final ForwardLoad load;
  private final List<String> streams;
  private final LocalSite site = new LocalSite(LocalSite.Place.loopback());
  private final BenchClients clients;

  /** Starts the nodes, one child among them, and waits until all broadcasts are everywhere. */
  RelayContender(ForwardLoad load) throws IOException, InterruptedException {
    this.load = load;
    streams = IntStream.range(0, load.streams()).mapToObj(ForwardLoad::name).toList();
    clients = new BenchClients(load);
    // The parent has places for this one node, so that the children have to come to it.
    Member parent = Member.of(load.streams());
    Member relay = new Member(load.streams() * (load.subscribers() + 1), streams, jvmFlags());
    site.start(List.of(parent, relay));
    clients.publish(site.nodes().getFirst());
    awaitRelays(site.nodes().getFirst(), load.streams());
    addChild();
  }

  @Override
  void fill() throws IOException, InterruptedException {
    while (children().size() < load.subscribers()) {
      addChild();
    }
    for (int stream = 0; stream < load.streams(); stream++) {
      clients.watch(children().get(stream % load.subscribers()), stream, 1);
    }
    clients.awaitMedia();
  }

  @Override
  NodeProcess node() {
    return site.nodes().get(1);
  }

  private List<NodeProcess> children() {
    return site.nodes().subList(2, site.nodes().size());
  }

  private void addChild() throws IOException, InterruptedException {
    site.join(Member.of(0, streams.toArray(String[]::new)));
    awaitRelays(node(), load.streams() * children().size());
  }

  private static void awaitRelays(NodeProcess node, int count)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + BenchClients.PATIENCE.toNanos();
    while (NodeFigures.sum(NodeFigures.page(node), "banyan_tree_children") < count) {
      if (System.nanoTime() > deadline) {
        throw new IOException("a node does not get all broadcasts");
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  @Override
  long lost() throws IOException, InterruptedException {
    return clients.lost() + childrenSay("banyan_shard_repairs_given_up_total");
  }

  @Override
  public void flow(boolean open) {
    clients.flow(open);
  }

  @Override
  public Traffic traffic() throws IOException, InterruptedException {
    return new Traffic(
        childrenSay("banyan_shard_rtp_packets_in_total"), clients.traffic().latencies());
  }

  private long childrenSay(String metric) throws IOException, InterruptedException {
    double sum = 0;
    for (NodeProcess child : children()) {
      sum += NodeFigures.sum(NodeFigures.page(child), metric);
    }
    return (long) sum;
  }

  @Override
  public void close() {
    clients.close();
    site.close();
    super.close();
  }
}
