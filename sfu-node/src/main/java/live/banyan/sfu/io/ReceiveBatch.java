package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What recvmmsg fills, without the datagrams that are longer than a slot. Where the kernel
 * coalesces (UDP_GRO), a message may be many datagrams of one peer, all equal but the last, back to
 * back: what a relay's parent sent as one comes in with one walk through the network stack.
 */
final class ReceiveBatch {
  /** Messages of one datagram each. */
  private static final int MESSAGES = 64;

  /** Fewer where they may be long, for 2 MiB of memory. */
  private static final int COALESCED_MESSAGES = 32;

  /** More than a UDP payload can have. */
  private static final int COALESCED_BYTES = 1 << 16;

  /** UDP_GRO_CNT_MAX of the kernel, and some more. */
  private static final int COALESCED_SEGMENTS_MAX = 128;

  private final MessageTable table;
  private final MemorySegment memory;
  private final LinkLocalScopes scopes;
  private final int messages;
  private final int messageBytes;

  /** Where datagram i lies, how long it is, and in which message it came. */
  private final int[] offsets;

  private final int[] lengths;
  private final int[] sources;
  private int datagrams;

  /** Messages that the kernel wrote to since they were last made ready. */
  private int used;

  /**
   * Makes a batch.
   *
   * @param coalesced whether the kernel was asked to coalesce
   */
  ReceiveBatch(Arena arena, SocketAddressLayout family, LinkLocalScopes scopes, boolean coalesced) {
    this.scopes = scopes;
    messages = coalesced ? COALESCED_MESSAGES : MESSAGES;
    messageBytes = coalesced ? COALESCED_BYTES : DatagramIo.SLOT_BYTES;
    int most = coalesced ? messages * COALESCED_SEGMENTS_MAX : messages;
    offsets = new int[most];
    lengths = new int[most];
    sources = new int[most];
    table = new MessageTable(arena, messages, messages, family);
    memory = arena.allocate((long) messages * messageBytes, 4096);
    for (int i = 0; i < messages; i++) {
      table.vector(i, memory.address() + start(i), messageBytes);
    }
    used = messages;
  }

  /**
   * Receives what is there.
   *
   * @param expected whether the kernel has said that there is something
   * @return datagrams that fitted, or -errno; 0 for a fault where nothing was expected, which the
   *     next wait tells of
   */
  int fill(int fd, boolean expected, MemorySegment capture, IoCounters counters) {
    for (int i = 0; i < used; i++) {
      table.rearm(i);
    }
    used = 0;
    datagrams = 0;
    int received = LinuxCalls.recvmmsg(fd, table.address(0), messages);
    if (received < 0 && !expected) {
      return 0;
    }
    if (received < 0) {
      received = LinuxCalls.recvmmsgAgain(capture, fd, table.address(0), messages);
    }
    if (received < 0) {
      return -LinuxCalls.errno(capture);
    }
    used = received;
    int dropped = 0;
    long bytes = 0;
    for (int i = 0; i < received; i++) {
      int length = table.transferred(i);
      int segment = table.coalescedLength(i);
      int each = segment > 0 ? segment : length;
      if (table.truncated(i) || each > DatagramIo.SLOT_BYTES) {
        dropped += count(length, each);
        continue;
      }
      if (LinkLocalScopes.isLinkLocal(table.high(i))) {
        scopes.heard(table.low(i), table.scope(i));
      }
      dropped += split(i, length, each);
      bytes += length;
    }
    counters.received(received, datagrams, bytes, dropped);
    return datagrams;
  }

  /** Whether the last {@link #fill} took as much as it can, so that there may be more. */
  boolean wasFull() {
    return used == messages;
  }

  private static int count(int length, int each) {
    return each == 0 ? 1 : (length + each - 1) / each;
  }

  /** Notes the datagrams of a message. @return how many found no room */
  private int split(int message, int length, int each) {
    int start = start(message);
    int count = count(length, each);
    for (int s = 0; s < count; s++) {
      if (datagrams == offsets.length) {
        return count - s;
      }
      offsets[datagrams] = start + s * each;
      lengths[datagrams] = Math.min(each, length - s * each);
      sources[datagrams] = message;
      datagrams++;
    }
    return 0;
  }

  MemorySegment memory() {
    return memory;
  }

  long offset(int i) {
    return offsets[i];
  }

  int length(int i) {
    return lengths[i];
  }

  long high(int i) {
    return table.high(sources[i]);
  }

  long low(int i) {
    return table.low(sources[i]);
  }

  int port(int i) {
    return table.port(sources[i]);
  }

  private int start(int message) {
    return message * messageBytes;
  }
}
