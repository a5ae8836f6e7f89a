package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An array of struct mmsghdr with one socket address and room for one control message each:
 * UDP_SEGMENT to send, UDP_GRO where the kernel receives; and an array of the iovecs that say where
 * their data lies, one each unless {@link #gather} gives a message others. Layout of 64-bit Linux
 * (man 2 recvmmsg, man 3 cmsg, man 7 udp): what never changes is written once.
 */
final class MessageTable {
  private static final int HEADER_STRIDE = 64;
  private static final int NAME_LENGTH = 8;
  private static final int VECTORS = 16;
  private static final int VECTOR_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int MESSAGE_LENGTH = 56;
  private static final int VECTOR_STRIDE = 16;

  /** CMSG_SPACE(sizeof(uint16_t)): header of 16 bytes, 2 of value, padding. */
  private static final int CONTROL_STRIDE = 24;

  private static final int CONTROL_VALUE = 16;

  /** CMSG_LEN(sizeof(int)): what the kernel writes with UDP_GRO. */
  private static final int COALESCED_LENGTH = 20;

  private final SocketAddressLayout family;
  private final MemorySegment headers;
  private final MemorySegment vectors;
  private final MemorySegment names;
  private final MemorySegment controls;

  /**
   * Makes a table.
   *
   * @param vectors at least as many as messages
   */
  MessageTable(Arena arena, int messages, int vectors, SocketAddressLayout family) {
    this.family = family;
    headers = arena.allocate((long) messages * HEADER_STRIDE, 64);
    this.vectors = arena.allocate((long) vectors * VECTOR_STRIDE, 64);
    names = arena.allocate((long) messages * SocketAddressLayout.STRIDE, 64);
    controls = arena.allocate((long) messages * CONTROL_STRIDE, 64);
    for (int i = 0; i < messages; i++) {
      long header = header(i);
      headers.set(ValueLayout.JAVA_LONG, header, names.address() + nameOffset(i));
      headers.set(ValueLayout.JAVA_INT, header + NAME_LENGTH, family.length());
      gather(i, i, 1);
      long control = control(i);
      controls.set(ValueLayout.JAVA_LONG, control, 18); // CMSG_LEN(sizeof(uint16_t))
      controls.set(ValueLayout.JAVA_INT, control + 8, LinuxCalls.SOL_UDP);
      controls.set(ValueLayout.JAVA_INT, control + 12, LinuxCalls.UDP_SEGMENT);
    }
  }

  /** Pointer to message {@code i}. */
  long address(int i) {
    return headers.address() + header(i);
  }

  /** Lets vector {@code v} say where a piece of data lies. */
  void vector(int v, long address, long length) {
    vectors.set(ValueLayout.JAVA_LONG, vector(v), address);
    vectors.set(ValueLayout.JAVA_LONG, vector(v) + 8, length);
  }

  /** Makes message {@code i} of {@code count} vectors that follow each other. */
  void gather(int i, int first, int count) {
    headers.set(ValueLayout.JAVA_LONG, header(i) + VECTORS, vectors.address() + vector(first));
    headers.set(ValueLayout.JAVA_LONG, header(i) + VECTOR_COUNT, count);
  }

  void target(int i, long high, long low, int port, int scope) {
    family.write(names, nameOffset(i), high, low, port, scope);
  }

  void copyTarget(int from, MessageTable table, int to) {
    MemorySegment.copy(
        names, nameOffset(from), table.names, table.nameOffset(to), SocketAddressLayout.STRIDE);
  }

  /** Lets the kernel cut the message into datagrams of this length; 0: one datagram. */
  void segment(int i, int segmentLength) {
    long header = header(i);
    if (segmentLength == 0) {
      headers.set(ValueLayout.JAVA_LONG, header + CONTROL, 0);
      headers.set(ValueLayout.JAVA_LONG, header + CONTROL_LENGTH, 0);
      return;
    }
    long control = control(i);
    controls.set(ValueLayout.JAVA_SHORT, control + CONTROL_VALUE, (short) segmentLength);
    headers.set(ValueLayout.JAVA_LONG, header + CONTROL, controls.address() + control);
    headers.set(ValueLayout.JAVA_LONG, header + CONTROL_LENGTH, CONTROL_STRIDE);
  }

  /** Makes message {@code i} ready to be received into again: the kernel overwrote these. */
  void rearm(int i) {
    long header = header(i);
    headers.set(ValueLayout.JAVA_INT, header + NAME_LENGTH, family.length());
    headers.set(ValueLayout.JAVA_LONG, header + CONTROL, controls.address() + control(i));
    headers.set(ValueLayout.JAVA_LONG, header + CONTROL_LENGTH, CONTROL_STRIDE);
    headers.set(ValueLayout.JAVA_INT, header + FLAGS, 0);
  }

  /**
   * Length of the datagrams that the kernel put together into message {@code i}, of which the last
   * may be shorter; 0 when it is one datagram.
   */
  int coalescedLength(int i) {
    long control = control(i);
    return headers.get(ValueLayout.JAVA_LONG, header(i) + CONTROL_LENGTH) >= COALESCED_LENGTH
            && controls.get(ValueLayout.JAVA_INT, control + 8) == LinuxCalls.SOL_UDP
            && controls.get(ValueLayout.JAVA_INT, control + 12) == LinuxCalls.UDP_GRO
        ? controls.get(ValueLayout.JAVA_INT, control + CONTROL_VALUE)
        : 0;
  }

  /** Bytes that the kernel put into, or took from, message {@code i}. */
  int transferred(int i) {
    return headers.get(ValueLayout.JAVA_INT, header(i) + MESSAGE_LENGTH);
  }

  boolean truncated(int i) {
    return (headers.get(ValueLayout.JAVA_INT, header(i) + FLAGS) & LinuxCalls.MSG_TRUNC) != 0;
  }

  long high(int i) {
    return family.high(names, nameOffset(i));
  }

  long low(int i) {
    return family.low(names, nameOffset(i));
  }

  int port(int i) {
    return family.port(names, nameOffset(i));
  }

  int scope(int i) {
    return family.scope(names, nameOffset(i));
  }

  private static long header(int i) {
    return (long) i * HEADER_STRIDE;
  }

  private static long control(int i) {
    return (long) i * CONTROL_STRIDE;
  }

  private static long vector(int i) {
    return (long) i * VECTOR_STRIDE;
  }

  private long nameOffset(int i) {
    return (long) i * SocketAddressLayout.STRIDE;
  }
}
