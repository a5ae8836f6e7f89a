package live.banyan.sfu.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import live.banyan.sfu.packet.PacketSink;

/**
 * One UDP socket with a receive batch and a send batch in native memory. All methods but {@link
 * #wake()}, {@link #join()}, {@link #counters()} and {@link #localAddress()} belong to one thread,
 * which may be another than the one that opened the socket.
 *
 * <p>Addresses carry no scope: the scope of a link-local IPv6 peer (fe80::/10) is remembered from
 * the last datagram that arrived from it, so that it can be answered, but not addressed first.
 */
public interface DatagramIo extends PacketSink, AutoCloseable {
  /** Bytes of a slot. A longer datagram is dropped on arrival and counted. */
  int SLOT_BYTES = 2048;

  /** The bound address with the real port. */
  InetSocketAddress localAddress();

  /**
   * Binds a socket that {@link UdpSockets#prepare} has opened, while another thread may be waiting
   * in {@link #receive}. Until then nothing comes, and nothing may be sent.
   *
   * @throws IOException when the address cannot be bound
   */
  void join() throws IOException;

  /**
   * Fills the receive batch, waiting at most {@code timeoutNs} (0: does not wait; negative: until a
   * datagram or {@link #wake()}).
   *
   * @return number of datagrams, 0 after a timeout or a wake-up
   */
  int receive(long timeoutNs);

  /**
   * Waits without looking at the socket, so that what comes is taken together; ends early with
   * {@link #wake()}. May return at once where that cannot be had.
   */
  default void rest(long ns) {}

  /** The native memory that received datagrams lie in; valid until the next {@link #receive}. */
  MemorySegment receiveMemory();

  /** Offset of datagram {@code i} in {@link #receiveMemory()}. */
  long offset(int i);

  /** Length of datagram {@code i} in bytes. */
  int length(int i);

  /** Upper half of the sender's IPv6 or IPv4-mapped address. */
  long addressHigh(int i);

  /** Lower half of the sender's IPv6 or IPv4-mapped address. */
  long addressLow(int i);

  /** The sender's port. */
  int port(int i);

  /** Ends a {@link #receive} that waits, from any thread. */
  void wake();

  /** Datagrams that the kernel refused since the start. */
  default long sendRefusals() {
    return counters().sendRefusals();
  }

  /** What passed and what was lost since the start; readable from any thread. */
  IoCounters counters();

  /** Which way the datagrams go: {@code "ffm"} or {@code "nio"}. */
  String udpPath();

  @Override
  void close();
}
