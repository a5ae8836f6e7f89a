package live.banyan.sfu.io;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * CPU time to send and receive datagrams of 1,200 bytes over loopback, where the receiver's share
 * of the kernel's work is charged to the sender. Bursts of 1, 2, 4, 8 and 32 to each of 100 peers,
 * and one by one to 3 peers in turn; medians of rounds that take turns. No JMH benchmark: what a
 * datagram costs is the thread's CPU time in the kernel, not the clock's, the sockets must be
 * drained in between outside of it, and ways to send are compared in turns. Run on demand: the
 * figures stand in docs/performance.md.
 */
public final class UdpBench {
  private static final int ROUNDS = 61;
  private static final int PEERS = 100;
  private static final int PACKETS = 3_200;
  private static final int LENGTH = 1_200;
  private static final long LOOPBACK = 0xFFFF_7F00_0001L;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private UdpBench() {}

  /** With an address and a port there, only sends: to see what a device costs. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 2) {
      sendTo(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
      return;
    }
    InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    List<DatagramIo> peers = new ArrayList<>();
    for (int i = 0; i < PEERS; i++) {
      peers.add(UdpSockets.open(any));
    }
    List<Lane> lanes = new ArrayList<>();
    lanes.add(
        new Lane(
            "nio",
            UdpSockets.open(any, UdpOptions.DEFAULT.withPath(UdpOptions.Path.NIO)),
            1,
            peers));
    lanes.add(
        new Lane(
            "ffm, no segmentation",
            UdpSockets.open(any, UdpOptions.DEFAULT.withSegmentation(false)),
            8,
            peers));
    for (int burst : new int[] {1, 2, 4, 8, 32}) {
      lanes.add(new Lane("ffm, bursts of " + burst, UdpSockets.open(any), burst, peers));
    }
    lanes.add(new Lane("ffm, 3 peers in turn", UdpSockets.open(any), 1, peers.subList(0, 3)));
    for (int round = -15; round < ROUNDS; round++) {
      for (Lane lane : lanes) {
        lane.round(round);
      }
    }
    lanes.forEach(Lane::print);
    receive(any, "nio", UdpOptions.DEFAULT.withPath(UdpOptions.Path.NIO));
    receive(any, "ffm, no coalescing", UdpOptions.DEFAULT.withCoalescing(false));
    receive(any, "ffm", UdpOptions.DEFAULT);
  }

  private static void sendTo(InetAddress to, int port) throws IOException {
    InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
    for (int burst : new int[] {0, 1, 2, 4, 8, 32}) {
      long[] ns = new long[ROUNDS];
      try (DatagramIo io = UdpSockets.open(any, UdpOptions.DEFAULT.withSegmentation(burst > 0))) {
        for (int round = -15; round < ROUNDS; round++) {
          long start = THREADS.getCurrentThreadCpuTime();
          int each = Math.max(1, burst);
          for (int sent = 0; sent < PACKETS; sent += each) {
            fill(io, SocketAddresses.low(to), port + sent / each % PEERS, each);
          }
          io.flush();
          if (round >= 0) {
            ns[round] = (THREADS.getCurrentThreadCpuTime() - start) / PACKETS;
          }
        }
        Arrays.sort(ns);
        System.out.printf(
            "send     %-22s %5d ns per datagram, %d fell back, %d refused%n",
            burst == 0 ? "ffm, no segmentation" : "ffm, bursts of " + burst,
            ns[ROUNDS / 2],
            io.counters().segmentationFallbacks(),
            io.counters().sendRefusals());
      }
    }
  }

  private static final class Lane {
    private final String name;
    private final DatagramIo io;
    private final int burst;
    private final List<DatagramIo> peers;
    private final long[] ns = new long[ROUNDS];

    Lane(String name, DatagramIo io, int burst, List<DatagramIo> peers) {
      this.name = name;
      this.io = io;
      this.burst = burst;
      this.peers = peers;
    }

    void round(int round) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (int sent = 0; sent < PACKETS; sent += burst) {
        DatagramIo peer = peers.get(sent / burst % peers.size());
        fill(io, LOOPBACK, peer.localAddress().getPort(), burst);
      }
      io.flush();
      long spent = THREADS.getCurrentThreadCpuTime() - start;
      int arrived = 0;
      for (DatagramIo peer : peers) {
        for (int n = peer.receive(0); n > 0; n = peer.receive(0)) {
          arrived += n;
        }
      }
      if (arrived != PACKETS) {
        throw new AssertionError(name + ": " + arrived + " of " + PACKETS + " arrived");
      }
      if (round >= 0) {
        ns[round] = spent / PACKETS;
      }
    }

    void print() {
      Arrays.sort(ns);
      System.out.printf("send     %-22s %5d ns per datagram%n", name, ns[ROUNDS / 2]);
      io.close();
    }
  }

  private static void fill(DatagramIo io, long low, int port, int count) {
    for (int i = 0; i < count; i++) {
      io.claim(0, low, port, LENGTH);
      io.commit(LENGTH);
    }
  }

  private static void receive(InetSocketAddress any, String name, UdpOptions options)
      throws IOException {
    long[] ns = new long[ROUNDS];
    try (DatagramIo from = UdpSockets.open(any);
        DatagramIo to = UdpSockets.open(any, options)) {
      for (int round = -15; round < ROUNDS; round++) {
        fill(from, LOOPBACK, to.localAddress().getPort(), 1_024);
        from.flush();
        long start = THREADS.getCurrentThreadCpuTime();
        int arrived = 0;
        for (int n = to.receive(0); n > 0; n = to.receive(0)) {
          arrived += n;
        }
        long spent = THREADS.getCurrentThreadCpuTime() - start;
        if (arrived != 1_024) {
          throw new AssertionError(arrived + " of 1024 arrived");
        }
        if (round >= 0) {
          ns[round] = spent / arrived;
        }
      }
      Arrays.sort(ns);
      System.out.printf("receive  %-22s %5d ns per datagram%n", name, ns[ROUNDS / 2]);
    }
  }
}
