package live.banyan.sfu.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's calls that the native path needs, with the constants of 64-bit Linux. Pointers
 * are passed as plain longs, so a call makes no object. A call that leaves errno in the caller's
 * capture segment ({@link #CAPTURE}) does make one (a slice, SharedUtils.checkCaptureSegment of JDK
 * 25). Those made again and again therefore go without; when one fails, which has then done
 * nothing, it is made a second time to learn why. None is a critical downcall: they may block, and
 * a collection must not wait for them.
 */
final class LinuxCalls {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_REUSEPORT = 15;
  static final int SO_MEMINFO = 55;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_RCVBUFFORCE = 33;
  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_V6ONLY = 26;
  static final int SOL_UDP = 17;
  static final int UDP_SEGMENT = 103;
  static final int UDP_GRO = 104;
  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int EFD_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
  static final short POLLIN = 1;

  static final int EINTR = 4;
  static final int EIO = 5;
  static final int EBADF = 9;
  static final int EAGAIN = 11;
  static final int EINVAL = 22;
  static final int ENOTSOCK = 88;
  static final int EMSGSIZE = 90;
  static final int EAFNOSUPPORT = 97;
  static final int EADDRINUSE = 98;

  /** Where a call leaves errno: one segment per thread that calls. */
  static final StructLayout CAPTURE = Linker.Option.captureStateLayout();

  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = call("bind", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      call("getsockname", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SETSOCKOPT =
      call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      callPlain("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MemoryLayout[] OF_RECVMMSG = {
    JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG
  };
  private static final MethodHandle RECVMMSG = callPlain("recvmmsg", OF_RECVMMSG);
  private static final MethodHandle RECVMMSG_AGAIN = call("recvmmsg", OF_RECVMMSG);
  private static final MemoryLayout[] OF_SENDMMSG = {JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT};
  private static final MethodHandle SENDMMSG = callPlain("sendmmsg", OF_SENDMMSG);
  private static final MethodHandle SENDMMSG_AGAIN = call("sendmmsg", OF_SENDMMSG);
  private static final MemoryLayout[] OF_PPOLL = {JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG};
  private static final MethodHandle PPOLL = callPlain("ppoll", OF_PPOLL);
  private static final MethodHandle PPOLL_AGAIN = call("ppoll", OF_PPOLL);
  private static final MethodHandle EVENTFD = call("eventfd", JAVA_INT, JAVA_INT);
  private static final MethodHandle EVENTFD_READ = callPlain("eventfd_read", JAVA_INT, JAVA_LONG);
  private static final MethodHandle EVENTFD_WRITE = callPlain("eventfd_write", JAVA_INT, JAVA_LONG);
  private static final MethodHandle CLOSE = callPlain("close", JAVA_INT);
  private static final MethodHandle STRERROR =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
              FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private LinuxCalls() {}

  private static MethodHandle call(String name, MemoryLayout... arguments) {
    return link(name, arguments, Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle callPlain(String name, MemoryLayout... arguments) {
    return link(name, arguments);
  }

  private static MethodHandle link(
      String name, MemoryLayout[] arguments, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol =
        linker
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    return linker.downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, arguments), options);
  }

  /** The error that the last failed call with this capture segment left. */
  static int errno(MemorySegment capture) {
    return (int) ERRNO.get(capture, 0L);
  }

  /** The C library's sentence for an error. For messages only. */
  static String sentence(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0) + " (errno " + errno + ")";
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int socket(MemorySegment capture, int family, int type) {
    try {
      return (int) SOCKET.invokeExact(capture, family, type, 0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int bind(MemorySegment capture, int fd, long address, int length) {
    try {
      return (int) BIND.invokeExact(capture, fd, address, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int getsockname(MemorySegment capture, int fd, long address, long lengthPointer) {
    try {
      return (int) GETSOCKNAME.invokeExact(capture, fd, address, lengthPointer);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Sets an int option; {@code scratch} holds it during the call. */
  static int setsockopt(
      MemorySegment capture, int fd, int level, int option, MemorySegment scratch, int value) {
    scratch.set(ValueLayout.JAVA_INT, 0, value);
    try {
      return (int) SETSOCKOPT.invokeExact(capture, fd, level, option, scratch.address(), 4);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int getsockopt(int fd, int level, int option, long value, long lengthPointer) {
    try {
      return (int) GETSOCKOPT.invokeExact(fd, level, option, value, lengthPointer);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Takes what is there. @return messages; negative where none was, or for a fault */
  static int recvmmsg(int fd, long messages, int count) {
    try {
      return (int) RECVMMSG.invokeExact(fd, messages, count, MSG_DONTWAIT, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** After one that failed: leaves errno. */
  static int recvmmsgAgain(MemorySegment capture, int fd, long messages, int count) {
    try {
      return (int) RECVMMSG_AGAIN.invokeExact(capture, fd, messages, count, MSG_DONTWAIT, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Sends messages until one is refused; leaves errno where that is the first. */
  static int sendmmsg(MemorySegment capture, int fd, long messages, int count) {
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    try {
      int sent = (int) SENDMMSG.invokeExact(fd, messages, count, flags);
      return sent >= 0
          ? sent
          : (int) SENDMMSG_AGAIN.invokeExact(capture, fd, messages, count, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ppoll(long descriptors, long count, long timeout) {
    try {
      return (int) PPOLL.invokeExact(descriptors, count, timeout, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** After one that failed: leaves errno. */
  static int ppollAgain(MemorySegment capture, long descriptors, long count, long timeout) {
    try {
      return (int) PPOLL_AGAIN.invokeExact(capture, descriptors, count, timeout, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int eventfd(MemorySegment capture) {
    try {
      return (int) EVENTFD.invokeExact(capture, 0, EFD_NONBLOCK_CLOEXEC);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int eventfdRead(int fd, long valuePointer) {
    try {
      return (int) EVENTFD_READ.invokeExact(fd, valuePointer);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Takes no capture segment, since any thread may call it. */
  static int eventfdWrite(int fd, long value) {
    try {
      return (int) EVENTFD_WRITE.invokeExact(fd, value);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int close(int fd) {
    try {
      return (int) CLOSE.invokeExact(fd);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Downcalls throw nothing of their own; whatever comes is the JVM's. */
  private static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException runtime ? runtime : new IllegalStateException(t);
  }
}
