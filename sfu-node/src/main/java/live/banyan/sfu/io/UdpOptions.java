package live.banyan.sfu.io;

/**
 * How to open a socket.
 *
 * @param path which implementation to use
 * @param receiveBufferBytes kernel receive buffer to ask for; the kernel may grant less
 * @param sendBufferBytes kernel send buffer to ask for; the kernel may grant less
 * @param reusePort lets several sockets of this process share one port (SO_REUSEPORT)
 * @param segmentation sends equal datagrams to one peer as one message where the kernel can
 * @param coalescing receives equal datagrams of one peer as one message where the kernel can
 */
public record UdpOptions(
    Path path,
    int receiveBufferBytes,
    int sendBufferBytes,
    boolean reusePort,
    boolean segmentation,
    boolean coalescing) {

  /** Which implementation to use. */
  public enum Path {
    /** Native calls on 64-bit Linux, NIO elsewhere or when the native calls do not link. */
    AUTO,
    /** Native calls or an error. */
    FFM,
    /** The JDK's channels, everywhere. */
    NIO
  }

  /** 4 MB: about 100 ms of 300 Mbit/s, more than a shard's longest pause. */
  private static final int BUFFER_BYTES = 4 << 20;

  /** What a node uses unless it is told otherwise. */
  public static final UdpOptions DEFAULT =
      new UdpOptions(Path.AUTO, BUFFER_BYTES, BUFFER_BYTES, false, true, true);

  public UdpOptions {
    if (receiveBufferBytes <= 0 || sendBufferBytes <= 0) {
      throw new IllegalArgumentException("socket buffers must be positive");
    }
  }

  public UdpOptions withPath(Path other) {
    return new UdpOptions(
        other, receiveBufferBytes, sendBufferBytes, reusePort, segmentation, coalescing);
  }

  public UdpOptions withReusePort(boolean reuse) {
    return new UdpOptions(
        path, receiveBufferBytes, sendBufferBytes, reuse, segmentation, coalescing);
  }

  public UdpOptions withSegmentation(boolean segment) {
    return new UdpOptions(
        path, receiveBufferBytes, sendBufferBytes, reusePort, segment, coalescing);
  }

  public UdpOptions withCoalescing(boolean coalesce) {
    return new UdpOptions(
        path, receiveBufferBytes, sendBufferBytes, reusePort, segmentation, coalesce);
  }
}
