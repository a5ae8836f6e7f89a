package live.banyan.sfu.io;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An eventfd that ends a wait in ppoll, from any thread. At most one wake-up is pending, so a burst
 * of commands costs one system call.
 */
final class WakeDescriptor {
  private final int fd;
  private final AtomicBoolean pending = new AtomicBoolean();
  private boolean closed;

  WakeDescriptor(int fd) {
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  void wake() {
    if (pending.get() || pending.getAndSet(true)) {
      return;
    }
    // Not the packet path: once per wait. The monitor keeps a late wake-up from writing to a
    // descriptor that was closed and is somebody else's by now.
    synchronized (this) {
      if (!closed && LinuxCalls.eventfdWrite(fd, 1) != 0) {
        throw new IllegalStateException("the wake-up descriptor refuses a write");
      }
    }
  }

  /** Takes a pending wake-up, on the waiting thread. */
  void consume(long scratchPointer) {
    // EAGAIN cannot happen after POLLIN: this thread is the only reader.
    LinuxCalls.eventfdRead(fd, scratchPointer);
    pending.set(false);
  }

  void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        LinuxCalls.close(fd);
      }
    }
  }
}
