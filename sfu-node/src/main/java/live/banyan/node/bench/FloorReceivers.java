package live.banyan.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpExtensions;

/**
 * The floor's subscribers: a socket each, one thread and one selector for all, as the clients of
 * {@code sfu.client} have it. They count, and read the capture time, which SRTP leaves in clear.
 */
final class FloorReceivers implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Selector selector = Selector.open();
  private final List<DatagramChannel> channels = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(2_048);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
  private final LatencyHistogram latencies = new LatencyHistogram(); // guarded by itself
  private final Thread thread;
  private long received; // guarded by latencies
  private volatile boolean closed;

  FloorReceivers(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      DatagramChannel channel = DatagramChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
      channel.bind(new InetSocketAddress("127.0.0.1", 0));
      channel.register(selector, SelectionKey.OP_READ);
      channels.add(channel);
    }
    thread = Thread.ofPlatform().name("floor-receivers").daemon().start(this::run);
  }

  List<Integer> ports() throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (DatagramChannel channel : channels) {
      ports.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
    }
    return ports;
  }

  Contender.Traffic traffic() {
    synchronized (latencies) {
      LatencyHistogram copy = new LatencyHistogram();
      copy.add(latencies);
      return new Contender.Traffic(received, copy);
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(
            key -> {
              try {
                receive((DatagramChannel) key.channel());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void receive(DatagramChannel channel) throws IOException {
    while (channel.receive(buffer.clear()) != null) {
      Instant now = Instant.now();
      long capture =
          ExtensionValues.absCaptureTime(
              memory, RtpExtensions.find(memory, 0, BurstSource.CAPTURE_TIME_ID));
      long late =
          now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - NtpTime.toEpochNs(capture);
      synchronized (latencies) {
        received++;
        latencies.record(late);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
      for (DatagramChannel channel : channels) {
        channel.close();
      }
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
