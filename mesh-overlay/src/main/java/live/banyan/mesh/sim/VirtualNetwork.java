package live.banyan.mesh.sim;

import java.util.SplittableRandom;
import live.banyan.mesh.wire.Decoded;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessageCodec;

/**
 * Distances, and what happens to datagrams on the way. Nodes lie on a square of 117 ms and each has
 * 2 to 12 ms of access line, which makes a mean one-way latency of 75 ms between any two.
 */
final class VirtualNetwork {
  static final double SIDE_MS = 117;
  static final double ACCESS_MIN_MS = 2;
  static final double ACCESS_MAX_MS = 12;

  private static final double NS_PER_MS = 1e6;

  /**
   * Every so many messages one goes through its bytes: what cannot be said must not be relied on.
   */
  private static final int ENCODED_EVERY = 16;

  private final EventQueue queue;
  private final SplittableRandom random;
  private final Conditions conditions;
  private long sent;

  VirtualNetwork(EventQueue queue, SplittableRandom random, Conditions conditions) {
    this.queue = queue;
    this.random = random;
    this.conditions = conditions;
  }

  Conditions conditions() {
    return conditions;
  }

  /** Control messages so far. */
  long sent() {
    return sent;
  }

  /** One way, without jitter. */
  long oneWayNs(VirtualNode a, VirtualNode b) {
    double distance = Math.hypot(a.xMs - b.xMs, a.yMs - b.yMs);
    return (long) ((distance + a.accessMs + b.accessMs) * NS_PER_MS);
  }

  /** Whether anything can get from one to the other now. */
  boolean reaches(VirtualNode from, VirtualNode to) {
    return from.alive && to.alive && !from.blackHole;
  }

  void send(VirtualNode from, VirtualNode to, TreeMessage message) {
    sent++;
    if (from.blackHole || random.nextDouble() < conditions.loss()) {
      return;
    }
    TreeMessage said = sent % ENCODED_EVERY == 0 ? throughBytes(message) : message;
    deliver(from, to, said);
    if (conditions.duplicates() > 0 && random.nextDouble() < conditions.duplicates()) {
      deliver(from, to, said);
    }
  }

  private void deliver(VirtualNode from, VirtualNode to, TreeMessage message) {
    queue.after(oneWayNs(from, to) + jitterNs(), () -> to.hear(from, message));
  }

  /** Extra delay of one datagram. */
  long jitterNs() {
    return conditions.jitterNs() == 0 ? 0 : random.nextLong(2 * conditions.jitterNs());
  }

  private static TreeMessage throughBytes(TreeMessage message) {
    Decoded decoded = TreeMessageCodec.decode(TreeMessageCodec.encode(message));
    if (decoded instanceof TreeMessage understood && understood.equals(message)) {
      return understood;
    }
    throw new IllegalStateException("said " + message + ", understood " + decoded);
  }
}
