package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Datagrams on their way to sendmmsg. Those to one peer are one message that the kernel cuts
 * (UDP_SEGMENT): all segments equal but the last, which may be shorter. The kernel's walk through
 * its network stack, the dear part, is then done once for all. They lie where they were written,
 * back to back; what was written to others in between parts a message into pieces, which the kernel
 * gathers. Only a peer's latest message is added to, so that each peer's datagrams keep their
 * order.
 */
final class SendBatch {
  /** UDP_MAX_SEGMENTS of kernels before 6.9. */
  static final int SEGMENTS_MAX = 64;

  /** Below the largest IPv4 payload of 65,507 bytes. */
  static final int MESSAGE_BYTES_MAX = 65_000;

  private static final int MESSAGES = 128;
  private static final int MEMORY_BYTES = 256 * 1024;

  /** Two to three times the datagrams of a full size that the memory holds. */
  private static final int PIECES = 512;

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

  private final int[] lengths = new int[MESSAGES];
  private final int[] segmentLengths = new int[MESSAGES];
  private final int[] segmentCounts = new int[MESSAGES];
  private final int[] firstPieces = new int[MESSAGES];
  private final int[] lastPieces = new int[MESSAGES];
  private final int[] pieceCounts = new int[MESSAGES];
  private final LatestMessages latest = new LatestMessages(MESSAGES);
  private int messages;

  private final int[] pieceStarts = new int[PIECES];
  private final int[] pieceEnds = new int[PIECES];

  /** The next piece of the same message, where there is one. */
  private final int[] nextPieces = new int[PIECES];

  private int pieces;
  private int end;

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
    table = new MessageTable(arena, MESSAGES, PIECES, family);
    single = new MessageTable(arena, 1, 1, family);
  }

  MemorySegment memory() {
    return memory;
  }

  /** Whether a datagram of this length can be claimed before {@link #flush}. */
  boolean hasRoom(int maxLength) {
    return messages < MESSAGES && pieces < PIECES && end + maxLength <= MEMORY_BYTES;
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
    append(messageFor(length), length);
  }

  /** The message that takes the claimed datagram: the peer's latest, or a new one. */
  private int messageFor(int length) {
    if (!segmentation || pause > 0) {
      return open(length);
    }
    int place = latest.place(claimedHigh, claimedLow, claimedPort);
    int message = latest.message(place);
    if (message != LatestMessages.NONE && takes(message, length)) {
      return message;
    }
    latest.put(place, messages, claimedHigh, claimedLow, claimedPort);
    return open(length);
  }

  private boolean takes(int message, int length) {
    int segments = segmentCounts[message];
    return length <= segmentLengths[message]
        && segments < SEGMENTS_MAX
        && lengths[message] == segments * segmentLengths[message] // none was shorter
        && lengths[message] + length <= MESSAGE_BYTES_MAX;
  }

  private int open(int length) {
    int scope = LinkLocalScopes.isLinkLocal(claimedHigh) ? scopes.scopeOf(claimedLow) : 0;
    table.target(messages, claimedHigh, claimedLow, claimedPort, scope);
    lengths[messages] = 0;
    segmentLengths[messages] = length;
    segmentCounts[messages] = 0;
    pieceCounts[messages] = 0;
    return messages++;
  }

  private void append(int message, int length) {
    int last = lastPieces[message];
    if (pieceCounts[message] > 0 && pieceEnds[last] == end) {
      pieceEnds[last] += length;
    } else {
      pieceStarts[pieces] = end;
      pieceEnds[pieces] = end + length;
      if (pieceCounts[message]++ == 0) {
        firstPieces[message] = pieces;
      } else {
        nextPieces[last] = pieces;
      }
      lastPieces[message] = pieces++;
    }
    lengths[message] += length;
    segmentCounts[message]++;
    end += length;
  }

  /**
   * Sends everything committed; every message is either taken or counted as refused.
   *
   * @return messages there were
   */
  int flush(int fd, MemorySegment capture) {
    describe();
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
    pieces = 0;
    end = 0;
    latest.clear();
    return flushed;
  }

  /** Tells the kernel of every message: where its pieces lie and how it is cut. */
  private void describe() {
    int vectors = 0;
    for (int i = 0; i < messages; i++) {
      int piece = firstPieces[i];
      table.gather(i, vectors, pieceCounts[i]);
      for (int n = pieceCounts[i]; n > 0; n--) {
        int length = pieceEnds[piece] - pieceStarts[piece];
        table.vector(vectors++, memory.address() + pieceStarts[piece], length);
        piece = nextPieces[piece];
      }
      table.segment(i, segmentCounts[i] > 1 ? segmentLengths[i] : 0);
    }
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
    int piece = firstPieces[message];
    for (int n = pieceCounts[message]; n > 0; n--) {
      int stop = pieceEnds[piece];
      for (int at = pieceStarts[piece]; at < stop; at += segmentLengths[message]) {
        sendSingle(fd, capture, at, Math.min(segmentLengths[message], stop - at));
      }
      piece = nextPieces[piece];
    }
  }

  private void sendSingle(int fd, MemorySegment capture, int at, int length) {
    single.vector(0, memory.address() + at, length);
    if (LinuxCalls.sendmmsg(capture, fd, single.address(0), 1) == 1) {
      counters.sent(1, 1, length);
    } else {
      counters.refused(1);
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
