package live.banyan.node.data;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who takes part in one stream's messages at this node. Owned by the data thread. */
final class StreamMessages {
  /** What a publisher may send, per second and at once. */
  static final int MESSAGES_PER_SECOND = 200;

  static final int BYTES_PER_SECOND = 512 * 1024;

  /** What is kept for a child that comes from another parent: more than its change takes. */
  private static final int KEPT_MAX = 256;

  private static final int KEPT_BYTES_MAX = 1024 * 1024;
  private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(10);

  private static final int MESSAGES_BURST = 400;
  private static final int BYTES_BURST = 1024 * 1024;

  final Set<DataPeer> viewers = new LinkedHashSet<>();
  final Set<String> children = new LinkedHashSet<>();
  final Set<String> parents = new LinkedHashSet<>();
  final SeenMessages seen = new SeenMessages();
  @Nullable DataPeer publisher;

  /** What its publisher is told of the layers that are needed; empty before the first word. */
  String layers = "";

  /** What its parents are told likewise. */
  @Nullable LayerNeeds needs;

  private final TokenBucket messages;
  private final TokenBucket bytes;
  private final ArrayDeque<Kept> kept = new ArrayDeque<>();
  private int keptBytes;
  private long nextNumber;

  private record Kept(RelayedMessage message, long atNs) {
    boolean isWorthSending(long nowNs) {
      int lifetimeMs = message.terms().reliability().lifetimeMs();
      long keptNs = lifetimeMs < 0 ? KEPT_NS : TimeUnit.MILLISECONDS.toNanos(lifetimeMs);
      return nowNs - atNs < Math.min(KEPT_NS, keptNs);
    }
  }

  StreamMessages(long nowNs) {
    messages = new TokenBucket(MESSAGES_PER_SECOND, MESSAGES_BURST, nowNs);
    bytes = new TokenBucket(BYTES_PER_SECOND, BYTES_BURST, nowNs);
  }

  boolean isEmpty() {
    return publisher == null && viewers.isEmpty() && children.isEmpty() && parents.isEmpty();
  }

  /** Numbers of an epoch begin above all of the epochs before: epochs grow by milliseconds. */
  void beginEpoch(long epoch) {
    nextNumber = Math.max(nextNumber, epoch << 20);
  }

  /** Whether an epoch has begun, which is when the publisher has its keys. */
  boolean begun() {
    return nextNumber > 0;
  }

  long number() {
    return nextNumber++;
  }

  void keep(RelayedMessage message, long nowNs) {
    kept.add(new Kept(message, nowNs));
    keptBytes += message.data().length;
    while (kept.size() > KEPT_MAX || keptBytes > KEPT_BYTES_MAX) {
      keptBytes -= kept.remove().message.data().length;
    }
  }

  /** What has gone by lately, oldest first. */
  List<RelayedMessage> lately(long nowNs) {
    return kept.stream().filter(it -> it.isWorthSending(nowNs)).map(Kept::message).toList();
  }

  boolean admits(int length, long nowNs) {
    if (!messages.has(1, nowNs) || !bytes.has(length, nowNs)) {
      return false;
    }
    messages.take(1);
    bytes.take(length);
    return true;
  }
}
