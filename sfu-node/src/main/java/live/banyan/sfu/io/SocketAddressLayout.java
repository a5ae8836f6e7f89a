package live.banyan.sfu.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The kernel's sockaddr_in6, or sockaddr_in on a machine without IPv6, to and from primitives
 * (include/uapi/linux/in6.h, in.h). Family in host order at 0; port at 2 and addresses in network
 * order; the scope id in host order.
 */
enum SocketAddressLayout {
  INET6(LinuxCalls.AF_INET6, 28),
  INET(LinuxCalls.AF_INET, 16);

  /** Room for either form, rounded up so that neighbours stay aligned. */
  static final int STRIDE = 32;

  private static final ValueLayout.OfShort SHORT_BE =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT_BE =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG_BE =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MAPPED_PREFIX = 0x0000_FFFF_0000_0000L;

  private final int family;
  private final int length;

  SocketAddressLayout(int family, int length) {
    this.family = family;
    this.length = length;
  }

  int family() {
    return family;
  }

  /** Bytes of the structure. */
  int length() {
    return length;
  }

  /** Whether a socket of this family can carry the address. */
  boolean carries(long high, long low) {
    return this == INET6 || SocketAddresses.isIpv4(high, low);
  }

  /** Writes every byte of the structure at an offset that is a multiple of 8. */
  void write(MemorySegment memory, long at, long high, long low, int port, int scope) {
    memory.set(ValueLayout.JAVA_SHORT, at, (short) family);
    memory.set(SHORT_BE, at + 2, (short) port);
    if (this == INET) {
      memory.set(INT_BE, at + 4, (int) low);
      memory.set(ValueLayout.JAVA_LONG, at + 8, 0);
      return;
    }
    memory.set(ValueLayout.JAVA_INT, at + 4, 0);
    memory.set(LONG_BE, at + 8, high);
    memory.set(LONG_BE, at + 16, low);
    memory.set(ValueLayout.JAVA_INT, at + 24, scope);
  }

  long high(MemorySegment memory, long at) {
    return this == INET ? 0 : memory.get(LONG_BE, at + 8);
  }

  long low(MemorySegment memory, long at) {
    return this == INET
        ? MAPPED_PREFIX | (memory.get(INT_BE, at + 4) & 0xFFFF_FFFFL)
        : memory.get(LONG_BE, at + 16);
  }

  int port(MemorySegment memory, long at) {
    return memory.get(SHORT_BE, at + 2) & 0xFFFF;
  }

  int scope(MemorySegment memory, long at) {
    return this == INET ? 0 : memory.get(ValueLayout.JAVA_INT, at + 24);
  }
}
