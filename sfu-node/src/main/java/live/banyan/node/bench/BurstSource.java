package live.banyan.node.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.SocketAddresses;
import live.banyan.sfu.io.UdpOptions;
import live.banyan.sfu.io.UdpSockets;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpHeaderWriter;

/**
 * Sends the floor what a node is sent: frames in bursts, as plain RTP with the capture time on each
 * packet. One broadcast comes as from a publisher, datagram by datagram; many come as from a parent
 * node, evenly spread over a frame's time, segmented where several leave together.
 */
final class BurstSource implements AutoCloseable {
  /** Of the capture time, in the floor's packets. */
  static final int CAPTURE_TIME_ID = 1;

  private static final int PAYLOAD_TYPE = 96;

  /** SSRCs count from here, a broadcast each. */
  static final int FIRST_SSRC = 0x5EED;

  private static final int TAG_BYTES = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long FRAME_NS = NANOS_PER_SECOND / ForwardLoad.FRAMES_PER_SECOND;

  /** A parent node looks at its socket so often when it is busy. */
  private static final long BATCH_NS = 1_000_000;

  private final ForwardLoad load;
  private final int firstSsrc;
  private final int[] published;
  private final double[] credit;
  private final DatagramIo io;
  private final long high;
  private final long low;
  private final int floorPort;
  private final RtpHeaderWriter header = new RtpHeaderWriter();
  private final Thread thread;
  private volatile boolean open;
  private volatile boolean closed;
  private int turn;

  /** Sends so many broadcasts, from one on. */
  BurstSource(ForwardLoad load, int first, int count, int floorPort) throws IOException {
    this.load = load;
    this.firstSsrc = FIRST_SSRC + first;
    this.floorPort = floorPort;
    published = new int[count];
    credit = new double[count];
    InetAddress loopback = InetAddress.getLoopbackAddress();
    high = SocketAddresses.high(loopback);
    low = SocketAddresses.low(loopback);
    io =
        UdpSockets.open(
            new InetSocketAddress(loopback, 0), UdpOptions.DEFAULT.withSegmentation(count > 1));
    thread = Thread.ofPlatform().name("floor-publisher-" + first).daemon().start(this::run);
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
        LockSupport.parkNanos(this, published.length > 1 ? Math.max(wait, BATCH_NS) : wait);
        continue;
      }
      while (next - System.nanoTime() <= 0) {
        next += FRAME_NS / published.length;
        writeFrame(turn);
        turn = (turn + 1) % published.length;
      }
      io.flush();
    }
    io.close();
  }

  private void writeFrame(int stream) {
    credit[stream] += (double) load.packetsPerSecond() / ForwardLoad.FRAMES_PER_SECOND;
    int packets = Math.max(1, (int) credit[stream]);
    credit[stream] -= packets;
    Instant now = Instant.now();
    long capture = NtpTime.ofEpochNs(now.getEpochSecond() * NANOS_PER_SECOND + now.getNano());
    for (int i = 1; i <= packets; i++) {
      int length = ForwardLoad.DATAGRAM_BYTES - TAG_BYTES;
      long to = io.claim(high, low, floorPort, length);
      header
          .begin(
              i == packets,
              PAYLOAD_TYPE,
              published[stream]++ & 0xFFFF,
              (int) (capture >>> 16),
              firstSsrc + stream)
          .add(CAPTURE_TIME_ID, capture, 8);
      header.write(io.memory(), to);
      io.commit(length);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
