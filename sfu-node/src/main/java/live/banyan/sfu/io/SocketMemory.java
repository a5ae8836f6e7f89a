package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel says about a socket's buffers (SO_MEMINFO, include/uapi/linux/sock_diag.h): an
 * array of 32-bit words, of which the second is the size of the receive buffer and the last the
 * count of datagrams that found it full. The count wraps.
 */
final class SocketMemory {
  private static final int WORDS = 9;
  private static final int RECEIVE_BUFFER = 4;
  private static final int DROPS = 32;

  private final int fd;
  private final MemorySegment words;
  private final MemorySegment length;
  private int lastDrops;
  private long drops;

  SocketMemory(Arena arena, int fd) {
    this.fd = fd;
    words = arena.allocate(4L * WORDS, 8);
    length = arena.allocate(4, 4);
  }

  /** Datagrams dropped since the socket was opened; what was known last where the call fails. */
  long drops() {
    if (ask()) {
      int now = words.get(ValueLayout.JAVA_INT, DROPS);
      drops += Integer.toUnsignedLong(now - lastDrops);
      lastDrops = now;
    }
    return drops;
  }

  /** Bytes of receive buffer that were granted, as setsockopt counts them; 0 when not known. */
  int receiveBuffer() {
    // The kernel keeps twice what was asked for, half of it for its own book-keeping.
    return ask() ? words.get(ValueLayout.JAVA_INT, RECEIVE_BUFFER) / 2 : 0;
  }

  private boolean ask() {
    length.set(ValueLayout.JAVA_INT, 0, 4 * WORDS);
    int result =
        LinuxCalls.getsockopt(
            fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_MEMINFO, words.address(), length.address());
    return result == 0 && length.get(ValueLayout.JAVA_INT, 0) == 4 * WORDS;
  }
}
