package live.banyan.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Three nodes on loopback in which a stream travels 1 -> 2 -> 3: the first two accept one child
 * each, and the second carries every stream of the tests as soon as it is live.
 */
final class TestSite implements AutoCloseable {
  /** One per test: what is left of a stream's tree must not shape the next one's. */
  private static final List<String> STREAMS =
      List.of("live-1", "live-2", "live-3", "live-4", "live-5");

  /** The stream of a test, counted from 0. */
  static String stream(int test) {
    return STREAMS.get(test);
  }

  private final List<TestNode.Plan> plans = new ArrayList<>();
  private final List<TestNode> nodes = new ArrayList<>();

  /** Starts all three and waits until they are ready. */
  static TestSite start(Path directory, String... settings)
      throws IOException, InterruptedException {
    TestSite site = new TestSite();
    List<Integer> cluster = List.of(FreePorts.one(), FreePorts.one(), FreePorts.one());
    List<String> join = cluster.stream().map(port -> "127.0.0.1:" + port).toList();
    for (int i = 1; i <= 3; i++) {
      List<String> lines = new ArrayList<>(List.of(settings));
      lines.add("banyan.max-children = " + (i == 3 ? 8 : 1));
      if (i == 2) {
        lines.add("banyan.carry = [" + String.join(",", STREAMS) + "]");
      }
      site.plans.add(
          new TestNode.Plan(
              "node-" + i,
              directory,
              "127.0.0.1",
              FreePorts.one(),
              cluster.get(i - 1),
              "test-" + cluster.getFirst(),
              join,
              List.copyOf(lines),
              List.of()));
    }
    boolean started = false;
    try {
      // The first is the site before the others look for it: no merge.
      for (TestNode.Plan plan : site.plans) {
        site.nodes.add(TestNode.start(plan));
        if (site.nodes.size() == 1) {
          site.node(1).awaitReady();
        }
      }
      for (TestNode node : site.nodes) {
        node.awaitReady();
      }
      site.awaitMembers(3);
      started = true;
      return site;
    } finally {
      if (!started) {
        site.close();
      }
    }
  }

  /** Counting from 1. */
  TestNode node(int i) {
    return nodes.get(i - 1);
  }

  NodeApi api(int i) {
    return node(i).api();
  }

  /** Starts a node that has ended again, under its old name and addresses. */
  void restart(int i) throws IOException, InterruptedException {
    node(i).close();
    nodes.set(i - 1, TestNode.start(plans.get(i - 1)).awaitReady());
    awaitMembers(3);
  }

  /** Waits until each living node knows, and has a link to, all others. */
  void awaitMembers(int count) throws InterruptedException {
    Eventually.until(
        count + " nodes to be linked with each other",
        Program.PATIENCE,
        () -> {
          for (TestNode node : nodes) {
            if (node.alive() && linked(node.api()) != count - 1) {
              return false;
            }
          }
          return true;
        });
  }

  private static int linked(NodeApi api) throws IOException, InterruptedException {
    int linked = 0;
    for (JsonNode peer : api.node().path("peers")) {
      linked += peer.path("linked").asBoolean() ? 1 : 0;
    }
    return linked;
  }

  /** Whether node 1 says that the stream travels through these nodes in this order. */
  boolean travels(String stream, int... order) throws IOException, InterruptedException {
    JsonNode tree = api(order[0]).tree(stream);
    if (tree.size() != order.length) {
      return false;
    }
    for (int i = 0; i < order.length; i++) {
      JsonNode node = tree.get(i);
      String parent = i == 0 ? "" : tree.get(i - 1).path("nodeId").asText();
      if (!node.path("http").asText().equals(api(order[i]).base())
          || !node.path("parentId").asText().equals(parent)) {
        return false;
      }
    }
    return true;
  }

  /** Identifier of the node that a node says it takes a stream from; empty for none. */
  String parentOf(String stream, int node) throws IOException, InterruptedException {
    String base = api(node).base();
    for (JsonNode carrier : api(node).tree(stream)) {
      if (carrier.path("http").asText().equals(base)) {
        return carrier.path("parentId").asText();
      }
    }
    return "";
  }

  @Override
  public void close() throws InterruptedException {
    for (TestNode node : nodes.reversed()) {
      node.close();
    }
  }
}
