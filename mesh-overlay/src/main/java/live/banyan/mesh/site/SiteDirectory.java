package live.banyan.mesh.site;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.topic.ITopic;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.wire.MalformedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of a site. See the package for why it is not a Hazelcast map.
 *
 * <p>What the others told is handled, like what this node tells, on the one thread of {@link
 * Callbacks}.
 */
public final class SiteDirectory extends RecordedDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(SiteDirectory.class);
  private static final String TOPIC = "banyan.directory";
  private static final long DIGEST_PERIOD_MS = 1_000;

  /** A crowd of newcomers is answered together; asking the same member again waits as long. */
  private static final long SNAPSHOT_GAP_MS = 50;

  private final HazelcastInstance hazelcast;
  private final ITopic<byte[]> topic;
  private final SiteBus bus;
  private final SiteMetrics metrics;
  private final String me;
  private final CompletableFuture<Void> complete = new CompletableFuture<>();

  // Below: only on the callback thread.
  private final Map<String, Long> versions = new HashMap<>();
  private final Set<String> asked = new HashSet<>();
  private boolean snapshotRecent;
  private boolean snapshotWanted;

  SiteDirectory(HazelcastInstance hazelcast, Vertx vertx, NodeRecord self, SiteMetrics metrics) {
    super(self);
    this.hazelcast = hazelcast;
    this.metrics = metrics;
    this.me = SiteMember.name(hazelcast.getCluster().getLocalMember());
    this.topic = hazelcast.getTopic(TOPIC);
    this.bus = new SiteBus(vertx, self.nodeId(), metrics);
  }

  /** Starts telling and hearing; completes when the records of all present members are here. */
  CompletionStage<Void> start() {
    hazelcast.getCluster().addMembershipListener(new Members());
    hazelcast.getLifecycleService().addLifecycleListener(this::lifecycle);
    topic.addMessageListener(
        message -> {
          byte[] bytes = message.getMessageObject();
          callbacks.run(() -> received(bytes));
        });
    put(new SiteRecord.Node(self()));
    callbacks.run(this::greet);
    callbacks.every(DIGEST_PERIOD_MS, this::reconcile);
    return bus.reachable().thenCompose(reached -> complete);
  }

  @Override
  public CompletionStage<byte[]> request(String nodeId, String topicName, byte[] body) {
    return bus.request(nodeId, topicName, body);
  }

  @Override
  public void answer(String topicName, Function<Request, CompletionStage<byte[]>> handler) {
    bus.answer(topicName, handler);
  }

  @Override
  public void close() {
    bus.close();
    callbacks.close();
  }

  @Override
  void tellOthers(long version, SiteRecord record) {
    publish(new SiteMessage.Delta(me, version, record));
  }

  private void received(byte[] bytes) {
    SiteMessage message;
    try {
      message = SiteMessageCodec.decode(bytes);
    } catch (MalformedException e) {
      metrics.dropped.labelValues("malformed").inc();
      LOG.warn("malformed directory message dropped: {}", e.getMessage());
      return;
    }
    String member = message.member();
    if (member.equals(me)) {
      return;
    }
    switch (message) {
      case SiteMessage.Hello hello -> {
        if (hello.of().isEmpty() || hello.of().equals(me)) {
          publishSnapshotSoon();
        }
      }
      case SiteMessage.Snapshot snapshot -> {
        if (isPresent(member) && snapshot.version() >= versions.getOrDefault(member, 0L)) {
          versions.put(member, snapshot.version());
          callbacks.tell(records.replace(member, snapshot.records()));
          completeWhenAllKnown();
        }
      }
      case SiteMessage.Delta delta -> {
        long known = versions.getOrDefault(member, 0L);
        if (known > 0 && delta.version() == known + 1 && isPresent(member)) {
          versions.put(member, delta.version());
          callbacks.tell(records.put(member, delta.record()));
        } else if (delta.version() > known) {
          ask(member);
        }
      }
      case SiteMessage.Digest digest -> {
        if (digest.version() > versions.getOrDefault(member, 0L)) {
          ask(member);
        }
      }
    }
  }

  /** A message may overtake, or be overtaken by, the news that its sender came or went. */
  private boolean isPresent(String member) {
    if (present().contains(member)) {
      return true;
    }
    metrics.dropped.labelValues("not_a_member").inc();
    return false;
  }

  private void greet() {
    publish(new SiteMessage.Hello(me, ""));
    publishSnapshot();
    completeWhenAllKnown();
  }

  private void ask(String member) {
    if (asked.add(member)) {
      metrics.asked.inc();
      publish(new SiteMessage.Hello(me, member));
      callbacks.after(SNAPSHOT_GAP_MS, () -> asked.remove(member));
    }
  }

  private void publishSnapshotSoon() {
    if (snapshotRecent) {
      snapshotWanted = true;
      return;
    }
    publishSnapshot();
    snapshotRecent = true;
    callbacks.after(
        SNAPSHOT_GAP_MS,
        () -> {
          snapshotRecent = false;
          if (snapshotWanted) {
            snapshotWanted = false;
            publishSnapshotSoon();
          }
        });
  }

  private void publishSnapshot() {
    SiteMessage.Snapshot snapshot;
    synchronized (records) {
      snapshot = new SiteMessage.Snapshot(me, ownVersion(), records.of(OWN));
    }
    publish(snapshot);
  }

  private void reconcile() {
    long version;
    synchronized (records) {
      version = ownVersion();
    }
    publish(new SiteMessage.Digest(me, version));
    Set<String> present = present();
    metrics.members.set(present.size());
    for (String owner : records.owners()) {
      if (!owner.equals(OWN) && !present.contains(owner)) {
        forget(owner);
      }
    }
    completeWhenAllKnown();
  }

  private void forget(String member) {
    versions.remove(member);
    callbacks.tell(records.removeOwner(member));
  }

  private void completeWhenAllKnown() {
    if (!complete.isDone()) {
      Set<String> missing = present();
      missing.remove(me);
      missing.removeAll(versions.keySet());
      if (missing.isEmpty()) {
        complete.complete(null);
      }
    }
  }

  private void publish(SiteMessage message) {
    try {
      topic.publish(SiteMessageCodec.encode(message));
    } catch (HazelcastInstanceNotActiveException e) {
      LOG.debug("the member is down; nothing is told any more");
    }
  }

  /** Two halves of a site have merged: this node was in the smaller. */
  private void lifecycle(LifecycleEvent event) {
    if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
      callbacks.run(this::greet);
    }
  }

  private Set<String> present() {
    try {
      return hazelcast.getCluster().getMembers().stream()
          .map(SiteMember::name)
          .collect(Collectors.toCollection(HashSet::new));
    } catch (HazelcastInstanceNotActiveException e) {
      return new HashSet<>();
    }
  }

  private final class Members implements MembershipListener {
    @Override
    public void memberAdded(MembershipEvent event) {
      // The newcomer says hello when it is ready to hear the answer.
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
      Member gone = event.getMember();
      callbacks.run(() -> forget(SiteMember.name(gone)));
    }
  }
}
