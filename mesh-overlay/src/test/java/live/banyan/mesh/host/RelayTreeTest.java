package live.banyan.mesh.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import live.banyan.mesh.Directory;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.RelayMedia;
import live.banyan.mesh.tree.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RelayTreeTest {
  private static final String S = "s";
  private static final byte[] DESCRIPTION = new byte[3_000];

  private final MemorySite site = new MemorySite();
  private final Map<String, Node> nodes = new ConcurrentHashMap<>();

  RelayTreeTest() {
    new Random(1).nextBytes(DESCRIPTION);
  }

  @AfterEach
  void end() {
    nodes.values().forEach(node -> node.tree.close());
  }

  @Test
  void aStreamTravelsOverTwoHops() throws Exception {
    List<Node> chain = chain(0);
    assertArrayEquals(
        DESCRIPTION, chain.get(2).description, "a description of several datagrams comes whole");
    List<CarrierRecord> tree = chain.get(0).tree.tree(S);
    assertEquals(
        List.of(chain.get(0).id, chain.get(1).id, chain.get(2).id),
        tree.stream().map(CarrierRecord::nodeId).toList());
    assertEquals(List.of(0, 0, 1), tree.stream().map(CarrierRecord::freeSlots).toList());
    assertEquals(List.of(new RelayTree.Child(chain.get(1).id, S)), chain.get(0).tree.children());
  }

  @Test
  void theEndMovesUpWhenTheMiddleDies() throws Exception {
    List<Node> chain = chain(0);
    site.kill(chain.get(1).id);
    until(() -> chain.get(2).parents.equals(List.of(chain.get(0).id)));
    assertEquals(0, chain.get(2).orphaned.get(), "too short to tell the viewers");
  }

  @Test
  void aNodeGoesDownWithoutAGap() throws Exception {
    List<Node> chain = chain(0);
    Node last = chain.get(2);
    last.history.clear();
    chain.get(1).tree.unwant(S);
    chain.get(1).tree.drain().toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertEquals(List.of("attach " + chain.get(0).id, "detach " + chain.get(1).id), last.history);
    assertTrue(chain.get(1).directory.self().draining());
    until(() -> chain.get(1).parents.isEmpty());
    assertEquals(
        new Joined.Refused(Refusal.DRAINING),
        chain.get(1).tree.want(S).toCompletableFuture().get(5, TimeUnit.SECONDS));
  }

  @Test
  void refusalsSayWhy() throws Exception {
    Node root = node(1, 0, 0);
    Node other = node(2, 1, 0);
    assertEquals(new Joined.Refused(Refusal.UNKNOWN_STREAM), join(other));
    publish(root, 1);
    assertEquals(new Joined.Refused(Refusal.FULL), join(other));
    root.directory.putStream(new StreamRecord(S, 1, root.id, false, 0, ""));
    until(() -> join(other).equals(new Joined.Refused(Refusal.NOT_LIVE)));
    assertEquals(new Joined.Attached(""), join(root));
  }

  @Test
  void aCrowdOfRelaysTellsNoMoreThanAFewRecordsEach() throws Exception {
    int streams = 100;
    Node root = node(1, streams, 0);
    Node child = node(2, 0, 0);
    for (int i = 0; i < streams; i++) {
      root.tree.root(S + i, 1);
      root.directory.putStream(new StreamRecord(S + i, 1, root.id, true, 0, ""));
    }
    until(() -> site.carriersTold() == streams);
    List<CompletableFuture<Joined>> joins = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      joins.add(child.tree.want(S + i).toCompletableFuture());
    }
    for (CompletableFuture<Joined> join : joins) {
      assertEquals(new Joined.Attached(root.id), join.get(5, TimeUnit.SECONDS));
    }
    until(() -> root.directory.carriers(S + 0).getFirst().freeSlots() == 0);
    // The child's own, the root's again with a child and without a place, and some on the way.
    assertTrue(site.carriersTold() < 6 * streams, "records told: " + site.carriersTold());
  }

  @Test
  void warmLinksAreThereBeforeTheyAreNeeded() throws Exception {
    Node a = node(1, 1, 4);
    Node b = node(2, 1, 4);
    until(() -> site.linked(a.id, b.id));
  }

  @Test
  void nonsenseFromAnotherNodeIsDroppedAndCounted() throws Exception {
    Node a = node(1, 1, 0);
    site.links("f".repeat(32)).connect(a.directory.self());
    LinkTransport stranger = site.links("f".repeat(32));
    stranger.send(a.id, new byte[] {1, 2, 3});
    stranger.send(a.id, new byte[0]);
    until(
        () ->
            a.registry.scrape().stream()
                .filter(m -> m.getMetadata().getName().equals("banyan_tree_messages_dropped"))
                .flatMap(m -> m.getDataPoints().stream())
                .anyMatch(point -> "malformed".equals(point.getLabels().get("reason"))));
    publish(a, 1);
    assertEquals(new Joined.Attached(""), join(a));
  }

  private List<Node> chain(int warm) throws Exception {
    Node root = node(1, 1, warm);
    Node middle = node(2, 1, warm);
    Node last = node(3, 1, warm);
    publish(root, 1);
    assertAttached(root.id, middle);
    assertAttached(middle.id, last);
    return List.of(root, middle, last);
  }

  private static void publish(Node node, long epoch) throws Exception {
    node.tree.root(S, epoch);
    until(() -> node.directory.carriers(S).stream().anyMatch(c -> c.nodeId().equals(node.id)));
    node.directory.putStream(new StreamRecord(S, epoch, node.id, true, 0, ""));
  }

  private static void assertAttached(String parentId, Node child) throws Exception {
    assertEquals(new Joined.Attached(parentId), join(child));
    assertTrue(child.parents.contains(parentId), "the media plane knows before the viewer does");
  }

  private static Joined join(Node node) {
    try {
      return node.tree.want(S).toCompletableFuture().get(5, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Node node(int number, int maxChildren, int warm) {
    Node node = new Node(String.format("%032x", number), maxChildren, warm);
    nodes.put(node.id, node);
    return node;
  }

  private static void until(BooleanSupplier condition) throws Exception {
    long deadlineNs = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("did not happen within 10 s");
      }
      new CompletableFuture<Void>().completeOnTimeout(null, 2, TimeUnit.MILLISECONDS).get();
    }
  }

  /** A node whose media plane only takes notes; media flows as soon as both ends are open. */
  private final class Node implements RelayMedia {
    final String id;
    final Directory directory;
    final PrometheusRegistry registry = new PrometheusRegistry();
    final List<String> parents = new CopyOnWriteArrayList<>();
    final List<String> history = new CopyOnWriteArrayList<>();
    final RelayTree tree;
    volatile byte[] description = new byte[0];
    final AtomicInteger orphaned = new AtomicInteger();

    Node(String id, int maxChildren, int warm) {
      this.id = id;
      this.directory =
          site.directory(new NodeRecord(id, "http://x", List.of(), "AA", maxChildren, false, 0));
      this.tree =
          new RelayTree(
              new TreeConfig(maxChildren, warm),
              directory,
              site.links(id),
              this,
              registry,
              new Random(number()));
    }

    private long number() {
      return id.hashCode();
    }

    @Override
    public byte[] openChild(String childId, String stream, byte[] positions) {
      return DESCRIPTION.clone();
    }

    @Override
    public void closeChild(String childId, String stream) {}

    @Override
    public void attachParent(String parentId, String stream, long epoch, byte[] bytes) {
      parents.add(parentId);
      history.add("attach " + parentId);
      description = bytes;
      tree.parentFlowing(stream, parentId);
    }

    @Override
    public void detachParent(String parentId, String stream) {
      parents.remove(parentId);
      history.add("detach " + parentId);
    }

    @Override
    public byte[] positions(String stream) {
      return new byte[] {1};
    }

    @Override
    public void orphaned(String stream) {
      orphaned.incrementAndGet();
    }
  }
}
