package live.banyan.sfu.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A non-blocking UDP descriptor. */
final class LinuxSocket {
  private static final Logger log = LoggerFactory.getLogger(LinuxSocket.class);

  private final int fd;
  private final SocketAddressLayout layout;

  private LinuxSocket(int fd, SocketAddressLayout layout) {
    this.fd = fd;
    this.layout = layout;
  }

  static LinuxSocket open(Arena arena, UdpOptions options) throws IOException {
    MemorySegment capture = arena.allocate(LinuxCalls.CAPTURE);
    LinuxSocket socket = create(capture);
    try {
      MemorySegment scratch = arena.allocate(4, 4);
      if (socket.layout == SocketAddressLayout.INET6) {
        socket.require(capture, LinuxCalls.IPPROTO_IPV6, LinuxCalls.IPV6_V6ONLY, scratch, 0);
      }
      if (options.reusePort()) {
        socket.require(capture, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_REUSEPORT, scratch, 1);
      }
      socket.buffer(
          capture,
          scratch,
          LinuxCalls.SO_RCVBUFFORCE,
          LinuxCalls.SO_RCVBUF,
          options.receiveBufferBytes());
      socket.buffer(
          capture,
          scratch,
          LinuxCalls.SO_SNDBUFFORCE,
          LinuxCalls.SO_SNDBUF,
          options.sendBufferBytes());
      int granted = new SocketMemory(arena, socket.fd).receiveBuffer();
      if (granted > 0 && granted < options.receiveBufferBytes()) {
        log.info(
            "the kernel grants {} of {} KiB of UDP receive buffer: raise net.core.rmem_max",
            granted / 1024,
            options.receiveBufferBytes() / 1024);
      }
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** IPv6 where the kernel has it (a kernel may run with ipv6.disable=1). */
  private static LinuxSocket create(MemorySegment capture) throws IOException {
    int errno = 0;
    for (SocketAddressLayout layout : SocketAddressLayout.values()) {
      int fd = LinuxCalls.socket(capture, layout.family(), LinuxCalls.SOCK_DGRAM_NONBLOCK_CLOEXEC);
      if (fd >= 0) {
        return new LinuxSocket(fd, layout);
      }
      errno = LinuxCalls.errno(capture);
      if (errno != LinuxCalls.EAFNOSUPPORT) {
        break;
      }
    }
    throw new IOException("no UDP socket: " + LinuxCalls.sentence(errno));
  }

  void bind(Arena arena, InetSocketAddress bind) throws IOException {
    MemorySegment capture = arena.allocate(LinuxCalls.CAPTURE);
    InetAddress address = bind.getAddress();
    long high = SocketAddresses.high(address);
    long low = SocketAddresses.low(address);
    if (layout == SocketAddressLayout.INET && high == 0 && low == 0) {
      low = 0xFFFF_0000_0000L; // The IPv6 wildcard on a machine without IPv6 means any address.
    }
    if (!layout.carries(high, low)) {
      throw UdpSockets.bindFailed(bind, false, "this machine has no IPv6");
    }
    int scope = address instanceof Inet6Address scoped ? scoped.getScopeId() : 0;
    MemorySegment name = arena.allocate(SocketAddressLayout.STRIDE, 8);
    layout.write(name, 0, high, low, bind.getPort(), scope);
    if (LinuxCalls.bind(capture, fd, name.address(), layout.length()) != 0) {
      int errno = LinuxCalls.errno(capture);
      throw UdpSockets.bindFailed(bind, errno == LinuxCalls.EADDRINUSE, LinuxCalls.sentence(errno));
    }
  }

  private void require(
      MemorySegment capture, int level, int option, MemorySegment scratch, int value)
      throws IOException {
    if (LinuxCalls.setsockopt(capture, fd, level, option, scratch, value) != 0) {
      throw new IOException(
          "socket option " + option + ": " + LinuxCalls.sentence(LinuxCalls.errno(capture)));
    }
  }

  /** The forced option passes the system's limit but needs CAP_NET_ADMIN; else what is allowed. */
  private void buffer(
      MemorySegment capture, MemorySegment scratch, int forced, int plain, int bytes)
      throws IOException {
    if (LinuxCalls.setsockopt(capture, fd, LinuxCalls.SOL_SOCKET, forced, scratch, bytes) != 0) {
      require(capture, LinuxCalls.SOL_SOCKET, plain, scratch, bytes);
    }
  }

  /** Whether the kernel knows UDP_SEGMENT (Linux 4.18). Setting 0 changes nothing. */
  boolean canSegment(Arena arena) {
    MemorySegment capture = arena.allocate(LinuxCalls.CAPTURE);
    MemorySegment scratch = arena.allocate(4, 4);
    return LinuxCalls.setsockopt(
            capture, fd, LinuxCalls.SOL_UDP, LinuxCalls.UDP_SEGMENT, scratch, 0)
        == 0;
  }

  /** Has the kernel hand over equal datagrams of one peer as one (UDP_GRO, Linux 5.0) if it can. */
  boolean coalesce(Arena arena) {
    MemorySegment capture = arena.allocate(LinuxCalls.CAPTURE);
    MemorySegment scratch = arena.allocate(4, 4);
    return LinuxCalls.setsockopt(capture, fd, LinuxCalls.SOL_UDP, LinuxCalls.UDP_GRO, scratch, 1)
        == 0;
  }

  InetSocketAddress localAddress(Arena arena, MemorySegment capture) {
    MemorySegment name = arena.allocate(SocketAddressLayout.STRIDE, 8);
    MemorySegment length = arena.allocate(4, 4);
    length.set(ValueLayout.JAVA_INT, 0, layout.length());
    if (LinuxCalls.getsockname(capture, fd, name.address(), length.address()) != 0) {
      throw new IllegalStateException(
          "getsockname: " + LinuxCalls.sentence(LinuxCalls.errno(capture)));
    }
    long high = layout.high(name, 0);
    long low = layout.low(name, 0);
    return new InetSocketAddress(
        SocketAddresses.address(high, low, layout.scope(name, 0)), layout.port(name, 0));
  }

  int fd() {
    return fd;
  }

  SocketAddressLayout layout() {
    return layout;
  }

  void close() {
    LinuxCalls.close(fd);
  }
}
