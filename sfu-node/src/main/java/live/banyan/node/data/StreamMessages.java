package live.banyan.node.data;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who takes part in one stream's messages at this node. Owned by the data thread. */
final class StreamMessages {
  /** What a publisher may send, per second and at once. */
  static final int MESSAGES_PER_SECOND = 200;

  static final int BYTES_PER_SECOND = 512 * 1024;
  private static final int MESSAGES_BURST = 400;
  private static final int BYTES_BURST = 1024 * 1024;

  final Set<DataPeer> viewers = new LinkedHashSet<>();
  final Set<String> children = new LinkedHashSet<>();
  final Set<String> parents = new LinkedHashSet<>();
  final SeenMessages seen = new SeenMessages();
  @Nullable DataPeer publisher;

  /** The highest layer that anybody wants, 0 the lowest. */
  int highestLayer = Integer.MAX_VALUE;

  private final TokenBucket messages;
  private final TokenBucket bytes;
  private long nextNumber;

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

  boolean admits(int length, long nowNs) {
    if (!messages.has(1, nowNs) || !bytes.has(length, nowNs)) {
      return false;
    }
    messages.take(1);
    bytes.take(length);
    return true;
  }
}
