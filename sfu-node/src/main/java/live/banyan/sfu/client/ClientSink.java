package live.banyan.sfu.client;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.SocketAddresses;
import live.banyan.sfu.packet.PacketSink;
import org.jspecify.annotations.Nullable;

/** Sends each committed datagram at once: a client has one peer and little to batch. */
final class ClientSink implements PacketSink {
  private final DatagramChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(DatagramIo.SLOT_BYTES);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
  private long addressHigh;
  private long addressLow;
  private @Nullable InetSocketAddress address;
  private long refused;

  ClientSink(DatagramChannel channel) {
    this.channel = channel;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long claim(long high, long low, int port, int maxLength) {
    InetSocketAddress known = address;
    if (known == null || high != addressHigh || low != addressLow || port != known.getPort()) {
      addressHigh = high;
      addressLow = low;
      address = SocketAddresses.socketAddress(high, low, port);
    }
    return 0;
  }

  @Override
  public void commit(int length) {
    if (length == 0) {
      return;
    }
    buffer.clear().limit(length);
    try {
      if (channel.send(buffer, address) == 0) {
        refused++;
      }
    } catch (IOException e) {
      // No route to a candidate, or a closed port answered: other candidates may work.
      refused++;
    }
  }

  @Override
  public void flush() {}

  /** Datagrams that the kernel did not take. */
  long refused() {
    return refused;
  }
}
