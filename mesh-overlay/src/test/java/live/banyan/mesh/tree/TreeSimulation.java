package live.banyan.mesh.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import live.banyan.mesh.wire.Decoded;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessageCodec;
import org.jspecify.annotations.Nullable;

/**
 * A site of nodes in memory under a virtual clock: links with delay and loss, a directory that is
 * always a little late, media that flows along the relays that both ends have opened. One seed, one
 * run. Invariants are checked throughout, every few virtual milliseconds.
 */
final class TreeSimulation {
  static final long MS = 1_000_000L;
  static final String STREAM = "live";

  private static final long TICK_NS = 2 * MS;
  private static final long SILENCE_NS = 80 * MS;
  private static final long LOOP_NS_MAX = 500 * MS;

  /** A relay's heartbeat gives a dead peer up after this. */
  private static final long HEARTBEAT_NS = 400 * MS;

  private record Due(long atNs, long order, Runnable work) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atNs, other.atNs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private record StreamWord(long epoch, String ingest, boolean live) {}

  private record Told(long epoch, List<String> path, int freeSlots) {}

  final List<Node> nodes = new ArrayList<>();
  final Map<String, Node> byId = new LinkedHashMap<>();
  final Random random;
  final double loss;
  long nowNs;
  long traceHash = 17;
  long longestLoopNs;

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private final Set<String> links = new HashSet<>();
  private final Map<String, Integer> delays = new HashMap<>();
  private long order;
  private long loopSinceNs = -1;

  TreeSimulation(long seed, int count, int maxChildren, double loss) {
    this.random = new Random(seed);
    this.loss = loss;
    for (int i = 0; i < count; i++) {
      Node node = new Node(String.format("%032x", i + 1), maxChildren);
      nodes.add(node);
      byId.put(node.id, node);
    }
    after(0, this::tick);
  }

  Node node(int number) {
    return nodes.get(number - 1);
  }

  void after(long delayNs, Runnable work) {
    queue.add(new Due(nowNs + delayNs, order++, work));
  }

  void run(long forNs) {
    long untilNs = nowNs + forNs;
    while (!queue.isEmpty() && queue.peek().atNs <= untilNs) {
      Due due = queue.remove();
      nowNs = due.atNs;
      due.work.run();
    }
    nowNs = untilNs;
  }

  /** The publisher connects to a node. */
  void publish(Node node, long epoch) {
    node.rootEpoch = epoch;
    node.step(new TreeEvent.Rooted(epoch));
    broadcastStream(new StreamWord(epoch, node.id, true));
  }

  /** The publisher goes; its node stays. */
  void unpublish(Node node) {
    long epoch = node.rootEpoch;
    node.rootEpoch = -1;
    node.step(new TreeEvent.Unrooted());
    broadcastStream(new StreamWord(epoch, node.id, false));
  }

  private void broadcastStream(StreamWord word) {
    for (Node each : nodes) {
      after(2 * MS + random.nextInt(8) * MS, () -> each.seeStream(word));
    }
  }

  /** kill -9. */
  void kill(Node dead) {
    dead.alive = false;
    for (Node peer : nodes) {
      if (links.remove(linkName(dead.id, peer.id))) {
        after(HEARTBEAT_NS, () -> peer.step(new TreeEvent.LinkDown(dead.id)));
      }
      after(HEARTBEAT_NS + random.nextInt(50) * MS, () -> peer.see(dead.id, null));
    }
  }

  private static String linkName(String a, String b) {
    return a.compareTo(b) < 0 ? a + b : b + a;
  }

  private long delayNs(String a, String b) {
    return delays.computeIfAbsent(linkName(a, b), l -> 1 + random.nextInt(25)) * MS
        + random.nextInt(2_000) * 1_000L;
  }

  /** One way, without jitter, which is at most 2 ms. */
  long baseDelayNs(Node a, Node b) {
    delayNs(a.id, b.id);
    return delays.getOrDefault(linkName(a.id, b.id), 0) * MS;
  }

  private void tick() {
    flowMedia();
    checkInvariants();
    after(TICK_NS, this::tick);
  }

  private void flowMedia() {
    for (Node node : nodes) {
      node.hasMedia = node.alive && node.rootEpoch >= 0;
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Node node : nodes) {
        if (node.alive && !node.hasMedia) {
          for (Map.Entry<String, Long> parent : node.attached.entrySet()) {
            Node source = byId.get(parent.getKey());
            if (source != null && source.hasMedia && source.opened.containsKey(node.id)) {
              node.hasMedia = true;
              changed = true;
            }
          }
        }
      }
    }
    for (Node node : nodes) {
      if (!node.alive) {
        continue;
      }
      for (String parentId : List.copyOf(node.attached.keySet())) {
        Node source = byId.get(parentId);
        boolean flows =
            source != null && source.alive && source.hasMedia && source.opened.containsKey(node.id);
        node.observe(parentId, flows);
      }
      if (node.hasMedia) {
        node.mediaNs = nowNs;
      } else if (node.mediaNs >= 0 && node.wants) {
        node.gapNs = Math.max(node.gapNs, nowNs - node.mediaNs);
      }
    }
  }

  private void checkInvariants() {
    for (Node node : nodes) {
      if (!node.alive) {
        continue;
      }
      long counted =
          node.opened.keySet().stream()
              .filter(child -> !nodeOf(child).draining && nodeOf(child).alive)
              .count();
      if (counted > node.slots.max()) {
        throw new AssertionError(at() + node.id + " serves " + counted + " of " + node.slots.max());
      }
    }
    boolean loop = nodes.stream().anyMatch(this::inLoop);
    if (!loop) {
      loopSinceNs = -1;
    } else if (loopSinceNs < 0) {
      loopSinceNs = nowNs;
    } else {
      longestLoopNs = Math.max(longestLoopNs, nowNs - loopSinceNs);
      if (nowNs - loopSinceNs > LOOP_NS_MAX) {
        throw new AssertionError(at() + "a loop lasts\n" + picture());
      }
    }
  }

  private boolean inLoop(Node start) {
    if (!start.alive) {
      return false;
    }
    Node node = start;
    for (int i = 0; i <= nodes.size(); i++) {
      String parentId = node.tree.parentId();
      if (parentId.isEmpty()) {
        return false;
      }
      node = nodeOf(parentId);
      if (node == start) {
        return true;
      }
      if (!node.alive) {
        return false;
      }
    }
    return false;
  }

  private Node nodeOf(String id) {
    Node node = byId.get(id);
    if (node == null) {
      throw new AssertionError("no node " + id);
    }
    return node;
  }

  String at() {
    return "at " + nowNs / MS + " ms: ";
  }

  String picture() {
    StringBuilder text = new StringBuilder();
    for (Node node : nodes) {
      if (node.alive) {
        String parent = node.tree.parentId();
        text.append(Integer.parseInt(node.id.substring(24), 16))
            .append(" <- ")
            .append(parent.isEmpty() ? "-" : Integer.parseInt(parent.substring(24), 16))
            .append(' ')
            .append(node.tree.state())
            .append(node.hasMedia ? " media" : " dry")
            .append(" children ")
            .append(node.opened.size())
            .append('\n');
      }
    }
    return text.toString();
  }

  /** One node: what {@code mesh.host} does on a real one. */
  final class Node implements Surroundings {
    final String id;
    final ChildSlots slots;
    final StreamTree tree;
    final Map<String, Long> opened = new TreeMap<>();
    final Map<String, Long> attached = new TreeMap<>();
    final List<String> history = new ArrayList<>();
    boolean alive = true;
    boolean draining;
    boolean wants;
    boolean hasMedia;
    long rootEpoch = -1;
    long mediaNs = -1;
    long gapNs;
    long wantedNs = -1;
    long attachedNs = -1;
    int orphaned;
    @Nullable Refusal refusal;

    private final Map<String, Told> view = new TreeMap<>();
    private final Map<String, Boolean> flowing = new HashMap<>();
    private final Map<String, Long> silentSinceNs = new HashMap<>();
    private final Set<String> drainingSeen = new LinkedHashSet<>();
    private final Deque<TreeEvent> events = new ArrayDeque<>();
    private final Set<String> gone = new HashSet<>();
    private boolean stepping;
    private long timerNs = Long.MAX_VALUE;
    private @Nullable Told told;

    Node(String id, int maxChildren) {
      this.id = id;
      this.slots = new ChildSlots(maxChildren);
      this.tree = new StreamTree(STREAM, id, slots);
    }

    void want() {
      wants = true;
      wantedNs = nowNs;
      refusal = null;
      step(new TreeEvent.Wanted());
    }

    void unwant() {
      wants = false;
      step(new TreeEvent.Unwanted());
    }

    void drain() {
      draining = true;
      for (Node peer : nodes) {
        after(2 * MS + random.nextInt(8) * MS, () -> peer.drainingSeen.add(id));
      }
      step(new TreeEvent.Drain());
    }

    void step(TreeEvent event) {
      if (!alive) {
        return;
      }
      events.add(event);
      if (stepping) {
        return;
      }
      stepping = true;
      for (TreeEvent next = events.poll(); next != null; next = events.poll()) {
        for (TreeAction action : tree.step(next, this, nowNs, random)) {
          traceHash = traceHash * 31 + action.getClass().getName().hashCode() + nowNs;
          perform(action);
        }
      }
      stepping = false;
      long wakeNs = tree.wakeNs();
      if (wakeNs != Long.MAX_VALUE && (wakeNs < timerNs || timerNs <= nowNs)) {
        timerNs = wakeNs;
        if (wakeNs < nowNs - 50 * MS) {
          throw new AssertionError(at() + id + " was not woken for long");
        }
        after(
            Math.max(0, wakeNs - nowNs),
            () -> {
              if (timerNs <= nowNs) {
                timerNs = Long.MAX_VALUE;
                step(new TreeEvent.Tick());
              }
            });
      }
    }

    private void perform(TreeAction action) {
      switch (action) {
        case TreeAction.Connect a -> connect(a.nodeId());
        case TreeAction.Send a -> send(a.to(), a.message());
        case TreeAction.SendJoin a ->
            send(
                a.to(),
                new TreeMessage.Join(
                    STREAM, a.epoch(), a.attempt(), new byte[3], a.degree(), a.lost()));
        case TreeAction.OpenChild a -> {
          opened.put(a.childId(), a.attempt());
          events.add(
              new TreeEvent.ChildOpened(
                  a.childId(), a.attempt(), new byte[1 + random.nextInt(1000)]));
        }
        case TreeAction.CloseChild a -> opened.remove(a.childId());
        case TreeAction.AttachParent a -> {
          attached.put(a.parentId(), a.epoch());
          flowing.remove(a.parentId());
          history.add("attach " + a.parentId());
        }
        case TreeAction.DetachParent a -> {
          attached.remove(a.parentId());
          history.add("detach " + a.parentId());
        }
        case TreeAction.Orphaned a -> orphaned++;
        case TreeAction.Attached a -> attachedNs = nowNs;
        case TreeAction.Refused a -> refusal = a.reason();
        case TreeAction.Carrying a -> tell(new Told(a.epoch(), a.path(), slots.free()));
        case TreeAction.NotCarrying a -> tell(null);
        case TreeAction.Ended a -> history.add("ended");
        case TreeAction.Counted a -> {}
      }
    }

    private void tell(@Nullable Told word) {
      told = word;
      for (Node peer : nodes) {
        after(2 * MS + random.nextInt(8) * MS, () -> peer.see(id, told));
      }
    }

    void see(String nodeId, @Nullable Told word) {
      if (word == null) {
        view.remove(nodeId);
        if (!nodeOf(nodeId).alive) {
          gone.add(nodeId);
        }
      } else {
        view.put(nodeId, word);
      }
      step(new TreeEvent.SurroundingsChanged());
    }

    void seeStream(StreamWord word) {
      step(new TreeEvent.StreamSeen(word.epoch(), word.ingest(), word.live()));
    }

    private void connect(String to) {
      Node peer = nodeOf(to);
      long rttNs = 2 * delayNs(id, to);
      if (!peer.alive) {
        after(500 * MS, () -> step(new TreeEvent.LinkDown(to)));
        return;
      }
      after(
          2 * rttNs,
          () -> {
            if (peer.alive && alive) {
              links.add(linkName(id, to));
              step(new TreeEvent.LinkUp(to));
              peer.step(new TreeEvent.LinkUp(id));
            } else {
              step(new TreeEvent.LinkDown(to));
            }
          });
    }

    private void send(String to, TreeMessage message) {
      byte[] bytes = TreeMessageCodec.encode(message);
      if (!links.contains(linkName(id, to)) || random.nextDouble() < loss) {
        return;
      }
      int copies = random.nextInt(50) == 0 ? 2 : 1;
      for (int i = 0; i < copies; i++) {
        after(delayNs(id, to), () -> nodeOf(to).hear(id, bytes));
      }
    }

    private void hear(String from, byte[] bytes) {
      Decoded decoded = TreeMessageCodec.decode(bytes);
      if (!(decoded instanceof TreeMessage message)) {
        throw new AssertionError("undecodable: " + decoded);
      }
      step(new TreeEvent.Heard(from, message));
    }

    private void observe(String parentId, boolean flows) {
      boolean before = flowing.getOrDefault(parentId, false);
      if (flows) {
        silentSinceNs.remove(parentId);
        if (!before) {
          flowing.put(parentId, true);
          step(new TreeEvent.ParentFlowing(parentId));
        }
      } else if (before) {
        long sinceNs = silentSinceNs.computeIfAbsent(parentId, p -> nowNs);
        if (nowNs - sinceNs >= SILENCE_NS) {
          flowing.put(parentId, false);
          silentSinceNs.remove(parentId);
          step(new TreeEvent.ParentSilent(parentId));
        }
      }
    }

    @Override
    public List<Candidate> carriers(String stream) {
      List<Candidate> candidates = new ArrayList<>();
      view.forEach(
          (nodeId, word) ->
              candidates.add(candidate(nodeId, word.path(), word.epoch(), word.freeSlots())));
      return candidates;
    }

    @Override
    public Optional<Candidate> peer(String nodeId, String stream) {
      return gone.contains(nodeId)
          ? Optional.empty()
          : Optional.of(candidate(nodeId, List.of(), -1, 1));
    }

    private Candidate candidate(String nodeId, List<String> path, long epoch, int free) {
      boolean linked = links.contains(linkName(id, nodeId));
      long rttNs = linked ? 2L * delays.getOrDefault(linkName(id, nodeId), 1) * MS : -1;
      return new Candidate(nodeId, path, epoch, free, drainingSeen.contains(nodeId), linked, rttNs);
    }
  }
}
