package live.banyan.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpHeaderWriter;

/**
 * Sends the floor what a publisher sends a node: frames in bursts, as plain RTP with the capture
 * time on each packet.
 */
final class BurstSource implements AutoCloseable {
  /** Of the capture time, in the floor's packets. */
  static final int CAPTURE_TIME_ID = 1;

  private static final int PAYLOAD_TYPE = 96;

  /** SSRCs count from here, a broadcast each. */
  static final int FIRST_SSRC = 0x5EED;

  private static final int TAG_BYTES = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final ForwardLoad load;
  private final int ssrc;
  private final DatagramChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(ForwardLoad.DATAGRAM_BYTES);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
  private final RtpHeaderWriter header = new RtpHeaderWriter();
  private final Thread thread;
  private volatile boolean open;
  private volatile boolean closed;
  private long published;
  private double credit;

  BurstSource(ForwardLoad load, int stream, int floorPort) throws IOException {
    this.load = load;
    this.ssrc = FIRST_SSRC + stream;
    channel = DatagramChannel.open();
    channel.connect(new InetSocketAddress("127.0.0.1", floorPort));
    thread = Thread.ofPlatform().name("floor-publisher-" + stream).daemon().start(this::run);
  }

  void open(boolean opened) {
    open = opened;
    LockSupport.unpark(thread);
  }

  private void run() {
    long next = System.nanoTime();
    while (!closed) {
      if (!open) {
        LockSupport.park(this);
        next = System.nanoTime();
        continue;
      }
      long wait = next - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(this, wait);
        continue;
      }
      next += NANOS_PER_SECOND / ForwardLoad.FRAMES_PER_SECOND;
      try {
        sendFrame();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void sendFrame() throws IOException {
    credit += (double) load.packetsPerSecond() / ForwardLoad.FRAMES_PER_SECOND;
    int packets = Math.max(1, (int) credit);
    credit -= packets;
    Instant now = Instant.now();
    long capture = NtpTime.ofEpochNs(now.getEpochSecond() * NANOS_PER_SECOND + now.getNano());
    for (int i = 1; i <= packets; i++) {
      int sequence = (int) published & 0xFFFF;
      header
          .begin(i == packets, PAYLOAD_TYPE, sequence, (int) (capture >>> 16), ssrc)
          .add(CAPTURE_TIME_ID, capture, 8);
      header.write(memory, 0);
      buffer.clear().limit(ForwardLoad.DATAGRAM_BYTES - TAG_BYTES);
      channel.write(buffer);
      published++;
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
      channel.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
