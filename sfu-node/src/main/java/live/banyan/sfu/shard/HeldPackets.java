package live.banyan.sfu.shard;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Packets of one transport that wait for something, oldest first. Not thread safe. */
final class HeldPackets {
  /**
   * A packet as it came.
   *
   * @param ssrc 0 while it is sealed: what an unauthenticated header says binds nobody
   */
  record Held(byte[] bytes, int ssrc, long arrivalNs) {}

  private final ArrayDeque<Held> queue = new ArrayDeque<>();

  int size() {
    return queue.size();
  }

  void add(Held packet) {
    queue.addLast(packet);
  }

  /** Takes out the oldest packet; null when none is left. */
  @Nullable Held poll() {
    return queue.pollFirst();
  }

  /** Takes out the oldest packet if it came before a moment; else null. */
  @Nullable Held pollBefore(long ns) {
    Held oldest = queue.peekFirst();
    return oldest != null && oldest.arrivalNs - ns < 0 ? queue.pollFirst() : null;
  }
}
