package live.banyan.mesh.host;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import live.banyan.mesh.Directory;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.RelayMedia;
import live.banyan.mesh.tree.ChildSlots;
import live.banyan.mesh.tree.Refusal;
import live.banyan.mesh.tree.TreeAction;
import live.banyan.mesh.tree.TreeEvent;
import live.banyan.mesh.wire.Decoded;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessageCodec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay trees of a node: drives a {@link live.banyan.mesh.tree.StreamTree} per stream with what
 * the directory, the links and the media plane tell. All methods may be called from any thread and
 * return at once; all work, and every call to {@link RelayMedia}, happens on one thread.
 */
public final class RelayTree implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayTree.class);
  private static final int INBOX_MAX = 10_000;
  private static final int STREAMS_MAX = 10_000;
  private static final long DRAIN_MS = 10_000;
  private static final long TEND_MS = 1_000;

  /**
   * Free places stand in the records of all streams: told for each child that comes, a parent of
   * many streams would tell streams times children. Others ask whether there is one at all; who
   * joins on old news is redirected.
   */
  private static final long FULL_TOLD_NS = 100_000_000L;

  private static final long SLOTS_TOLD_NS = 2_000_000_000L;

  /** One relay that this node serves. */
  public record Child(String nodeId, String stream) {}

  private final Directory directory;
  private final LinkTransport links;
  private final RelayMedia media;
  private final TreeMetrics metrics;
  private final RandomGenerator random;
  private final ChildSlots slots;
  private final Neighbours neighbours;
  private final String self;
  private final long originNs = System.nanoTime();
  private final Set<Child> children = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inbox = new AtomicInteger();
  private final ScheduledThreadPoolExecutor thread;

  // Below: only on the thread.
  private final Map<String, TreeDriver> drivers = new HashMap<>();
  private int toldFreeSlots;
  private long slotsToldByNs = Long.MAX_VALUE;
  private @Nullable CompletableFuture<Void> drained;

  /** Starts; until {@link #close} the links' one listener is this. */
  public RelayTree(
      TreeConfig config,
      Directory directory,
      LinkTransport links,
      RelayMedia media,
      PrometheusRegistry registry,
      RandomGenerator random) {
    this.directory = directory;
    this.links = links;
    this.media = media;
    this.metrics = new TreeMetrics(registry);
    this.random = random;
    this.slots = new ChildSlots(config.maxChildren());
    this.toldFreeSlots = slots.free();
    this.neighbours = new Neighbours(directory, links, config.warmLinks());
    this.self = directory.self().nodeId();
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, work -> Thread.ofPlatform().name("banyan-tree").daemon().unstarted(work));
    thread.setRemoveOnCancelPolicy(true);
    directory.listen(this::directoryChanged);
    links.listen(this::linkEvent);
    var unused =
        thread.scheduleWithFixedDelay(() -> guarded(this::tend), 0, TEND_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * A local viewer wants a stream. Idempotent: say it for each viewer, and {@link #unwant} once
   * when there is none left. Completes on the tree's thread, within 3 s.
   */
  public CompletionStage<Joined> want(String stream) {
    CompletableFuture<Joined> answer = new CompletableFuture<>();
    run(
        () -> {
          TreeDriver driver = driver(stream);
          if (driver == null) {
            answer.complete(new Joined.Refused(Refusal.UNREACHABLE));
          } else {
            driver.want(answer);
          }
        });
    return answer;
  }

  /** No local viewer is left; the stream is kept for 5 s more. */
  public void unwant(String stream) {
    run(() -> tell(stream, new TreeEvent.Unwanted()));
  }

  /** A local publisher feeds the stream; say it before the directory is told that it is live. */
  public void root(String stream, long epoch) {
    run(
        () -> {
          TreeDriver driver = driver(stream);
          if (driver != null) {
            driver.step(new TreeEvent.Rooted(epoch));
          }
        });
  }

  /** It feeds it no more; the tree stays for 60 s, for the publisher to come back. */
  public void unroot(String stream) {
    run(() -> tell(stream, new TreeEvent.Unrooted()));
  }

  /** The first packet from a parent, or the first after {@link #parentSilent}. */
  public void parentFlowing(String stream, String parentId) {
    run(() -> tell(stream, new TreeEvent.ParentFlowing(parentId)));
  }

  /** A parent's media has stopped for longer than its pattern explains. */
  public void parentSilent(String stream, String parentId) {
    run(() -> tell(stream, new TreeEvent.ParentSilent(parentId)));
  }

  /** How many viewers this node has of a stream, for the directory. */
  public void viewers(String stream, int count) {
    run(
        () -> {
          TreeDriver driver = drivers.get(stream);
          if (driver != null) {
            driver.viewers(count);
          }
        });
  }

  /**
   * A child may take a stream from here no longer.
   *
   * @param now at once; else it is shown other parents and leaves when it has one
   */
  public void moveChild(String stream, String childId, boolean now) {
    run(() -> tell(stream, new TreeEvent.MoveChild(childId, now)));
  }

  /** The relays that this node serves now. */
  public List<Child> children() {
    return List.copyOf(children);
  }

  /** The nodes that carry a stream, the ingest first. */
  public List<CarrierRecord> tree(String stream) {
    return directory.carriers(stream);
  }

  /**
   * The node is going down: takes no child any more and sees the present ones to other parents.
   * Completes when they have moved, at the latest after 10 s. Children of an ingest cannot move.
   */
  public CompletionStage<Void> drain() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    run(
        () -> {
          if (drained != null) {
            var unused = drained.thenRun(() -> done.complete(null));
            return;
          }
          drained = done;
          NodeRecord s = directory.self();
          directory.announce(
              new NodeRecord(
                  s.nodeId(),
                  s.http(),
                  s.udp(),
                  s.fingerprint(),
                  s.maxChildren(),
                  true,
                  s.startedAtMs()));
          forAll(driver -> driver.step(new TreeEvent.Drain()));
          checkDrained();
        });
    return done.completeOnTimeout(null, DRAIN_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  // What the drivers need.

  String self() {
    return self;
  }

  Directory directory() {
    return directory;
  }

  RelayMedia media() {
    return media;
  }

  RandomGenerator random() {
    return random;
  }

  ChildSlots slots() {
    return slots;
  }

  Neighbours neighbours() {
    return neighbours;
  }

  TreeMetrics metrics() {
    return metrics;
  }

  long nowNs() {
    return System.nanoTime() - originNs;
  }

  void send(String to, TreeMessage message) {
    if (!links.send(to, TreeMessageCodec.encode(message))) {
      metrics.dropped.labelValues("no_link").inc();
    }
  }

  void childOpened(String nodeId, String stream) {
    children.add(new Child(nodeId, stream));
    metrics.children.set(children.size());
  }

  void childClosed(String nodeId, String stream) {
    children.remove(new Child(nodeId, stream));
    metrics.children.set(children.size());
  }

  void count(TreeAction.Count what) {
    metrics.events.labelValues(what.name().toLowerCase(Locale.ROOT)).inc();
  }

  java.util.concurrent.Future<?> schedule(Runnable work, long delayNs) {
    return thread.schedule(() -> guarded(work), Math.max(0, delayNs), TimeUnit.NANOSECONDS);
  }

  /** After every step of a driver. */
  void stepped(TreeDriver driver) {
    if (driver.isOver()) {
      drivers.remove(driver.stream(), driver);
    }
    int free = slots.free();
    if (free != toldFreeSlots) {
      tellSlotsIn((free == 0) == (toldFreeSlots == 0) ? SLOTS_TOLD_NS : FULL_TOLD_NS);
    }
    checkDrained();
  }

  private void tellSlotsIn(long ns) {
    if (nowNs() + ns < slotsToldByNs) {
      slotsToldByNs = nowNs() + ns;
      var unused = schedule(this::tellSlots, ns);
    }
  }

  private void tellSlots() {
    slotsToldByNs = Long.MAX_VALUE;
    if (slots.free() != toldFreeSlots) {
      toldFreeSlots = slots.free();
      drivers.values().forEach(TreeDriver::tellDirectory);
    }
  }

  private void checkDrained() {
    if (drained != null && drivers.values().stream().allMatch(TreeDriver::isDrained)) {
      drained.complete(null);
    }
  }

  private @Nullable TreeDriver driver(String stream) {
    TreeDriver known = drivers.get(stream);
    if (known != null) {
      return known;
    }
    if (drivers.size() >= STREAMS_MAX) {
      metrics.dropped.labelValues("too_many_streams").inc();
      return null;
    }
    TreeDriver driver = new TreeDriver(stream, this);
    drivers.put(stream, driver);
    driver.directoryChanged();
    if (drained != null) {
      driver.step(new TreeEvent.Drain());
    }
    // A step that leaves nothing to do forgets the driver; this one is about to get something.
    drivers.put(stream, driver);
    return driver;
  }

  private void tell(String stream, TreeEvent event) {
    TreeDriver driver = drivers.get(stream);
    if (driver != null) {
      driver.step(event);
    }
  }

  private void directoryChanged(Directory.Change change, String key) {
    run(
        () -> {
          switch (change) {
            case STREAM -> {
              TreeDriver driver = drivers.get(key);
              if (driver != null) {
                driver.directoryChanged();
              }
            }
            case CARRIER -> tell(key, new TreeEvent.SurroundingsChanged());
            case NODE_JOINED, NODE_CHANGED, NODE_LEFT -> {
              forAll(driver -> driver.step(new TreeEvent.SurroundingsChanged()));
              tend();
            }
          }
        });
  }

  private void linkEvent(LinkTransport.LinkEvent event) {
    if (inbox.incrementAndGet() > INBOX_MAX && event instanceof LinkTransport.Received) {
      inbox.decrementAndGet();
      metrics.dropped.labelValues("inbox_full").inc();
      return;
    }
    run(
        () -> {
          inbox.decrementAndGet();
          handle(event);
        });
  }

  private void handle(LinkTransport.LinkEvent event) {
    switch (event) {
      case LinkTransport.Up up -> {
        neighbours.up(up.nodeId());
        forUsers(up.nodeId(), new TreeEvent.LinkUp(up.nodeId()));
      }
      case LinkTransport.Down down -> {
        LOG.info("link to node {} is down: {}", down.nodeId(), down.sentence());
        neighbours.down(down.nodeId(), nowNs());
        forUsers(down.nodeId(), new TreeEvent.LinkDown(down.nodeId()));
      }
      case LinkTransport.Received received -> {
        switch (TreeMessageCodec.decode(received.message())) {
          case Decoded.Malformed malformed -> metrics.dropped.labelValues("malformed").inc();
          case TreeMessage message -> {
            TreeDriver driver = driver(message.stream());
            if (driver != null) {
              driver.step(new TreeEvent.Heard(received.nodeId(), message));
            }
          }
        }
      }
    }
    metrics.links.set(neighbours.countUp());
  }

  private void forUsers(String nodeId, TreeEvent event) {
    forAll(
        driver -> {
          if (driver.uses(nodeId)) {
            driver.step(event);
          }
        });
  }

  private void forAll(java.util.function.Consumer<TreeDriver> work) {
    new ArrayList<>(drivers.values()).forEach(work);
  }

  private void tend() {
    neighbours.tend(
        nowNs(), nodeId -> drivers.values().stream().anyMatch(driver -> driver.uses(nodeId)));
  }

  private void run(Runnable work) {
    try {
      thread.execute(() -> guarded(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("the relay tree is closed");
    }
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      if (thread.isShutdown()) {
        LOG.debug("the relay tree is closed", e);
        return;
      }
      metrics.failures.inc();
      LOG.error("a relay tree failed", e);
    }
  }
}
