package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Slots that recvmmsg fills, without the datagrams that did not fit one. */
final class ReceiveBatch {
  static final int SLOTS = 64;

  private final MessageTable table;
  private final MemorySegment memory;
  private final LinkLocalScopes scopes;

  /** Slot of datagram i: truncated ones leave holes. */
  private final int[] slots = new int[SLOTS];

  /** Messages that the kernel wrote to since they were last made ready. */
  private int used;

  ReceiveBatch(Arena arena, SocketAddressLayout family, LinkLocalScopes scopes) {
    this.scopes = scopes;
    table = new MessageTable(arena, SLOTS, family);
    memory = arena.allocate((long) SLOTS * DatagramIo.SLOT_BYTES, 4096);
    for (int i = 0; i < SLOTS; i++) {
      table.data(i, memory.address() + slotOffset(i), DatagramIo.SLOT_BYTES);
    }
  }

  /**
   * Receives what is there.
   *
   * @return datagrams that fitted, or -errno
   */
  int fill(int fd, MemorySegment capture, IoCounters counters) {
    for (int i = 0; i < used; i++) {
      table.rearm(i);
    }
    used = 0;
    int received = LinuxCalls.recvmmsg(capture, fd, table.address(0), SLOTS);
    if (received < 0) {
      return -LinuxCalls.errno(capture);
    }
    used = received;
    int kept = 0;
    long bytes = 0;
    for (int i = 0; i < received; i++) {
      if (table.truncated(i)) {
        continue;
      }
      if (LinkLocalScopes.isLinkLocal(table.high(i))) {
        scopes.heard(table.low(i), table.scope(i));
      }
      slots[kept++] = i;
      bytes += table.transferred(i);
    }
    counters.received(kept, bytes, received - kept);
    return kept;
  }

  MemorySegment memory() {
    return memory;
  }

  long offset(int i) {
    return slotOffset(slots[i]);
  }

  int length(int i) {
    return table.transferred(slots[i]);
  }

  long high(int i) {
    return table.high(slots[i]);
  }

  long low(int i) {
    return table.low(slots[i]);
  }

  int port(int i) {
    return table.port(slots[i]);
  }

  private static long slotOffset(int slot) {
    return (long) slot * DatagramIo.SLOT_BYTES;
  }
}
