package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Protected media that came before this end's keys: a node that finishes its handshake sends the
 * cached keyframe at once, while ours still computes. Bounded; not thread safe.
 */
final class EarlyMedia {
  /** More than a second of 5 Mbit/s. */
  static final int DATAGRAMS_MAX = 512;

  private final ArrayDeque<byte[]> held = new ArrayDeque<>();

  /** Keeps a datagram. @return false when too many are kept already */
  boolean hold(MemorySegment packet, int length) {
    if (held.size() == DATAGRAMS_MAX) {
      return false;
    }
    byte[] copy = new byte[length];
    MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, 0, copy, 0, length);
    held.addLast(copy);
    return true;
  }

  /** Takes out the oldest, or null. */
  byte @Nullable [] poll() {
    return held.pollFirst();
  }
}
