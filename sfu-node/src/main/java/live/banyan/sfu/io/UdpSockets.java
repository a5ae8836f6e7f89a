package live.banyan.sfu.io;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens UDP sockets, choosing the fastest way that this machine has. */
public final class UdpSockets {
  private static final Logger log = LoggerFactory.getLogger(UdpSockets.class);

  private UdpSockets() {}

  /** Opens with {@link UdpOptions#DEFAULT}. */
  public static DatagramIo open(InetSocketAddress bind) throws IOException {
    return open(bind, UdpOptions.DEFAULT);
  }

  /**
   * Opens and binds a socket. Bound to the IPv6 wildcard it carries both IPv6 and IPv4.
   *
   * @param bind address to bind; port 0 picks a free one
   * @throws BindException when the address cannot be bound; the message names it and what to do
   * @throws IOException when no socket can be had, or {@link UdpOptions.Path#FFM} is asked for
   *     where it does not work
   */
  public static DatagramIo open(InetSocketAddress bind, UdpOptions options) throws IOException {
    DatagramIo socket = prepare(bind, options);
    try {
      socket.join();
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Opens a socket that {@link DatagramIo#join} will bind: the kernel gives it nothing before.
   *
   * @param bind address to bind then
   * @throws IOException as {@link #open}, but for the binding
   */
  public static DatagramIo prepare(InetSocketAddress bind, UdpOptions options) throws IOException {
    if (bind.isUnresolved()) {
      throw new UnknownHostException(
          "UDP host " + bind.getHostString() + " is not known: give an IP address");
    }
    return switch (options.path()) {
      case NIO -> NioDatagramIo.open(bind, options);
      case FFM -> openNative(bind, options);
      case AUTO -> openBest(bind, options);
    };
  }

  /** Whether the struct layouts and constants of the native path are those of this machine. */
  static boolean nativeSupported() {
    String os = System.getProperty("os.name", "");
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return os.equals("Linux")
        && (arch.equals("amd64") || arch.equals("x86_64") || arch.equals("aarch64"));
  }

  private static DatagramIo openBest(InetSocketAddress bind, UdpOptions options)
      throws IOException {
    if (!nativeSupported()) {
      return NioDatagramIo.open(bind, options);
    }
    try {
      return LinuxDatagramIo.open(bind, options);
    } catch (LinkageError e) {
      log.warn("native UDP does not link here, NIO is used instead: {}", e.toString());
      return NioDatagramIo.open(bind, options);
    }
  }

  private static DatagramIo openNative(InetSocketAddress bind, UdpOptions options)
      throws IOException {
    if (!nativeSupported()) {
      throw new IOException(
          "native UDP needs Linux on x86_64 or aarch64: set the UDP path to auto or nio");
    }
    try {
      return LinuxDatagramIo.open(bind, options);
    } catch (LinkageError e) {
      throw new IOException("native UDP does not link here: set the UDP path to auto or nio", e);
    }
  }

  /** The message for a bind that failed; a stranger should know what to do next. */
  static BindException bindFailed(InetSocketAddress bind, boolean taken, String reason) {
    String where = bind.getAddress().getHostAddress() + " port " + bind.getPort();
    return new BindException(
        taken
            ? "UDP " + where + " is taken: stop what uses it or choose another port"
            : "UDP "
                + where
                + " cannot be bound ("
                + reason
                + "): choose an address of this machine");
  }
}
