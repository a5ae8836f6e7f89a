package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Datagrams on their way to sendmmsg. They lie back to back, so that consecutive ones to one peer
 * are one message that the kernel cuts (UDP_SEGMENT): all segments equal but the last, which may be
 * shorter. The kernel's walk through its network stack, the dear part, is then done once for all.
 */
final class SendBatch {
  /** UDP_MAX_SEGMENTS of kernels before 6.9. */
  static final int SEGMENTS_MAX = 64;

  /** Below the largest IPv4 payload of 65,507 bytes. */
  static final int MESSAGE_BYTES_MAX = 65_000;

  private static final int MESSAGES = 128;
  private static final int MEMORY_BYTES = 256 * 1024;

  /** Refused segmented messages in a row after which segmentation pauses. */
  private static final int REFUSALS_BEFORE_PAUSE = 8;

  /** Messages sent plainly before segmentation is tried again. */
  private static final int PAUSE_MESSAGES = 4096;

  private final SocketAddressLayout family;
  private final LinkLocalScopes scopes;
  private final IoCounters counters;
  private final boolean segmentation;
  private final MemorySegment memory;
  private final MessageTable table;
  private final MessageTable single;

  private final int[] starts = new int[MESSAGES];
  private final int[] lengths = new int[MESSAGES];
  private final int[] segmentLengths = new int[MESSAGES];
  private final int[] segmentCounts = new int[MESSAGES];
  private int messages;
  private int end;

  /** The last message takes no more segments. */
  private boolean full = true;

  private long lastHigh;
  private long lastLow;
  private int lastPort;

  private int claimedLength = -1;
  private long claimedHigh;
  private long claimedLow;
  private int claimedPort;

  private int refusalsInARow;
  private int pause;

  SendBatch(
      Arena arena,
      SocketAddressLayout family,
      LinkLocalScopes scopes,
      IoCounters counters,
      boolean segmentation) {
    this.family = family;
    this.scopes = scopes;
    this.counters = counters;
    this.segmentation = segmentation;
    memory = arena.allocate(MEMORY_BYTES, 4096);
    table = new MessageTable(arena, MESSAGES, family);
    single = new MessageTable(arena, 1, family);
  }

  MemorySegment memory() {
    return memory;
  }

  /** Whether a datagram of this length can be claimed before {@link #flush}. */
  boolean hasRoom(int maxLength) {
    return messages < MESSAGES && end + maxLength <= MEMORY_BYTES;
  }

  long claim(long high, long low, int port, int maxLength) {
    claimedLength = maxLength;
    claimedHigh = high;
    claimedLow = low;
    claimedPort = port;
    return end;
  }

  void commit(int length) {
    Objects.checkFromToIndex(0, length, claimedLength);
    claimedLength = -1;
    if (length == 0) {
      return;
    }
    if (!family.carries(claimedHigh, claimedLow)) {
      counters.refused(1);
      return;
    }
    if (extendsLast(length)) {
      int last = messages - 1;
      lengths[last] += length;
      segmentCounts[last]++;
      full = length < segmentLengths[last] || segmentCounts[last] == SEGMENTS_MAX;
    } else {
      open(length);
    }
    end += length;
  }

  private boolean extendsLast(int length) {
    return !full
        && claimedPort == lastPort
        && claimedLow == lastLow
        && claimedHigh == lastHigh
        && length <= segmentLengths[messages - 1]
        && lengths[messages - 1] + length <= MESSAGE_BYTES_MAX;
  }

  private void open(int length) {
    int scope = LinkLocalScopes.isLinkLocal(claimedHigh) ? scopes.scopeOf(claimedLow) : 0;
    table.target(messages, claimedHigh, claimedLow, claimedPort, scope);
    starts[messages] = end;
    lengths[messages] = length;
    segmentLengths[messages] = length;
    segmentCounts[messages] = 1;
    messages++;
    lastHigh = claimedHigh;
    lastLow = claimedLow;
    lastPort = claimedPort;
    full = !segmentation || pause > 0;
  }

  /**
   * Sends everything committed; every message is either taken or counted as refused.
   *
   * @return messages there were
   */
  int flush(int fd, MemorySegment capture) {
    for (int i = 0; i < messages; i++) {
      table.data(i, memory.address() + starts[i], lengths[i]);
      table.segment(i, segmentCounts[i] > 1 ? segmentLengths[i] : 0);
    }
    int next = 0;
    while (next < messages) {
      int taken = LinuxCalls.sendmmsg(capture, fd, table.address(next), messages - next);
      if (taken > 0) {
        countSent(next, next + taken);
        next += taken;
      } else {
        next = afterRefusal(fd, capture, next, LinuxCalls.errno(capture));
      }
    }
    int flushed = messages;
    pause = Math.max(0, pause - flushed);
    messages = 0;
    end = 0;
    full = true;
    return flushed;
  }

  /**
   * Deals with the message that the kernel refused.
   *
   * @return the message to go on with
   */
  private int afterRefusal(int fd, MemorySegment capture, int refused, int errno) {
    switch (errno) {
      case LinuxCalls.EAGAIN -> {
        // The socket's buffer is full, so it is for the rest of the batch too.
        countRefused(refused, messages);
        return messages;
      }
      case LinuxCalls.EBADF, LinuxCalls.ENOTSOCK ->
          throw new IllegalStateException("the UDP socket is closed");
      case LinuxCalls.EIO, LinuxCalls.EINVAL, LinuxCalls.EMSGSIZE -> {
        if (segmentCounts[refused] > 1) {
          sendSegments(fd, capture, refused);
        } else {
          countRefused(refused, refused + 1);
        }
        return refused + 1;
      }
      default -> {
        // No route, forbidden by a filter, refused by the peer's host: this message's trouble.
        countRefused(refused, refused + 1);
        return refused + 1;
      }
    }
  }

  /**
   * Sends a message's segments one by one: the device cannot segment (EIO), or a segment is longer
   * than the path's MTU (EINVAL, EMSGSIZE), where a single datagram may still be fragmented.
   */
  private void sendSegments(int fd, MemorySegment capture, int message) {
    counters.segmentationFellBack();
    if (++refusalsInARow >= REFUSALS_BEFORE_PAUSE) {
      refusalsInARow = 0;
      pause = PAUSE_MESSAGES;
    }
    table.copyTarget(message, single, 0);
    int at = starts[message];
    int stop = at + lengths[message];
    while (at < stop) {
      int length = Math.min(segmentLengths[message], stop - at);
      single.data(0, memory.address() + at, length);
      if (LinuxCalls.sendmmsg(capture, fd, single.address(0), 1) == 1) {
        counters.sent(1, 1, length);
      } else {
        counters.refused(1);
      }
      at += length;
    }
  }

  private void countSent(int from, int to) {
    int datagrams = 0;
    long bytes = 0;
    for (int i = from; i < to; i++) {
      datagrams += segmentCounts[i];
      bytes += lengths[i];
      if (segmentCounts[i] > 1) {
        refusalsInARow = 0;
      }
    }
    counters.sent(to - from, datagrams, bytes);
  }

  private void countRefused(int from, int to) {
    int datagrams = 0;
    for (int i = from; i < to; i++) {
      datagrams += segmentCounts[i];
    }
    counters.refused(datagrams);
  }
}
