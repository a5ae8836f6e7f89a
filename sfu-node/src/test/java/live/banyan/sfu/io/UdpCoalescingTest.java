package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams that the kernel hands over together (UDP_GRO) come out as they were sent. */
@Timeout(60)
class UdpCoalescingTest {
  private static final long SECOND = 1_000_000_000L;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** A datagram and the port that it came from. */
  private record Arrived(int port, byte[] data) {}

  @BeforeEach
  void needsLinux() {
    assumeTrue(UdpSockets.nativeSupported());
  }

  private static DatagramIo open(UdpOptions options) throws IOException {
    return UdpSockets.open(new InetSocketAddress(LOOPBACK, 0), options);
  }

  private static DatagramIo open() throws IOException {
    return open(UdpOptions.DEFAULT.withPath(UdpOptions.Path.FFM));
  }

  private static byte[] numbered(int number, int length) {
    byte[] data = new byte[length];
    new Random(number).nextBytes(data);
    return data;
  }

  private static void send(DatagramIo from, DatagramIo to, byte[] data) {
    int port = to.localAddress().getPort();
    long at = from.claim(SocketAddresses.high(LOOPBACK), SocketAddresses.low(LOOPBACK), port, 2048);
    MemorySegment.copy(data, 0, from.memory(), ValueLayout.JAVA_BYTE, at, data.length);
    from.commit(data.length);
  }

  /** Receives until {@code count} datagrams came or none came for a second. */
  private static List<Arrived> collect(DatagramIo io, int count) {
    List<Arrived> all = new ArrayList<>();
    while (all.size() < count) {
      int n = io.receive(SECOND);
      if (n == 0) {
        break;
      }
      for (int i = 0; i < n; i++) {
        byte[] data = new byte[io.length(i)];
        MemorySegment.copy(
            io.receiveMemory(), ValueLayout.JAVA_BYTE, io.offset(i), data, 0, data.length);
        assertEquals(SocketAddresses.low(LOOPBACK), io.addressLow(i));
        all.add(new Arrived(io.port(i), data));
      }
    }
    return all;
  }

  private static void assertArrived(List<byte[]> sent, int port, List<Arrived> arrived) {
    assertEquals(sent.size(), arrived.size());
    for (int i = 0; i < sent.size(); i++) {
      assertEquals(port, arrived.get(i).port());
      assertArrayEquals(sent.get(i), arrived.get(i).data(), "datagram " + i);
    }
  }

  @Test
  void whatComesDuringARestIsTakenTogetherAfterIt() throws IOException {
    try (DatagramIo from = open();
        DatagramIo to = open()) {
      to.wake();
      to.rest(1_000 * SECOND);
      for (int i = 0; i < 3; i++) {
        send(from, to, numbered(i, 100 + i));
        from.flush();
      }
      to.rest(SECOND / 1_000);
      assertEquals(3, to.receive(SECOND));
      assertEquals(0, to.receive(0));
    }
  }

  @Test
  void whatWasSentAsOneComesAsOneAndIsTakenApart() throws IOException {
    try (DatagramIo from = open();
        DatagramIo to = open()) {
      List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sent.add(numbered(i, i == 19 ? 333 : 1_201));
        send(from, to, sent.getLast());
      }
      from.flush();
      assertArrived(sent, from.localAddress().getPort(), collect(to, sent.size()));
      assertEquals(20, to.counters().receivedDatagrams());
      assertEquals(19 * 1_201 + 333, to.counters().receivedBytes());
      assertEquals(1, to.counters().receivedMessages(), "the kernel put nothing together");
    }
  }

  @Test
  void mixedSizesKeepTheirOrderAndTheirBytes() throws IOException {
    Random random = new Random(7);
    try (DatagramIo from = open();
        DatagramIo to = open()) {
      for (int round = 0; round < 40; round++) {
        List<byte[]> sent = new ArrayList<>();
        int length = 1 + random.nextInt(1_400);
        for (int i = 0; i < 60; i++) {
          if (random.nextInt(5) == 0) {
            length = 1 + random.nextInt(1_400);
          }
          sent.add(numbered(round * 100 + i, length));
          send(from, to, sent.getLast());
        }
        from.flush();
        assertArrived(sent, from.localAddress().getPort(), collect(to, sent.size()));
      }
      assertTrue(to.counters().receivedMessages() < to.counters().receivedDatagrams());
    }
  }

  @Test
  void manyPeersAreToldApart() throws IOException {
    try (DatagramIo one = open();
        DatagramIo other = open();
        DatagramIo to = open()) {
      List<byte[]> ofOne = new ArrayList<>();
      List<byte[]> ofOther = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        ofOne.add(numbered(i, 900));
        send(one, to, ofOne.getLast());
        ofOther.add(numbered(1_000 + i, 900));
        send(other, to, ofOther.getLast());
        if (i % 7 == 0) {
          one.flush();
          other.flush();
        }
      }
      one.flush();
      other.flush();
      List<Arrived> arrived = collect(to, 200);
      int port = one.localAddress().getPort();
      assertArrived(ofOne, port, arrived.stream().filter(a -> a.port() == port).toList());
      assertArrived(
          ofOther,
          other.localAddress().getPort(),
          arrived.stream().filter(a -> a.port() != port).toList());
    }
  }

  @Test
  void emptyAndOverlongDatagramsBesideCoalescedOnesHurtNobody() throws IOException {
    try (DatagramIo from = open();
        DatagramIo to = open();
        DatagramSocket plain = new DatagramSocket(0, LOOPBACK)) {
      plain.send(new DatagramPacket(new byte[0], 0, to.localAddress()));
      plain.send(new DatagramPacket(new byte[9_000], 9_000, to.localAddress()));
      plain.send(new DatagramPacket(new byte[DatagramIo.SLOT_BYTES], 2_048, to.localAddress()));
      for (int i = 0; i < 3; i++) {
        send(from, to, numbered(i, 1_000));
      }
      from.flush();
      List<Integer> lengths = collect(to, 5).stream().map(a -> a.data().length).toList();
      assertEquals(List.of(0, 2_048, 1_000, 1_000, 1_000), lengths);
      assertEquals(1, to.counters().receiveTruncated());
    }
  }

  @Test
  void manyCoalescedMessagesFitOneBatch() throws IOException {
    try (DatagramIo from = open();
        DatagramIo to = open()) {
      List<byte[]> sent = new ArrayList<>();
      for (int message = 0; message < 40; message++) {
        for (int i = 0; i < 64; i++) {
          sent.add(numbered(message * 64 + i, 50 + message));
          send(from, to, sent.getLast());
        }
        from.flush();
      }
      assertArrived(sent, from.localAddress().getPort(), collect(to, sent.size()));
      assertEquals(0, to.counters().receiveTruncated());
    }
  }

  @Test
  void withoutCoalescingEachComesByItself() throws IOException {
    try (DatagramIo from = open();
        DatagramIo to = open(UdpOptions.DEFAULT.withCoalescing(false))) {
      List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sent.add(numbered(i, 1_200));
        send(from, to, sent.getLast());
      }
      from.flush();
      assertArrived(sent, from.localAddress().getPort(), collect(to, sent.size()));
      assertEquals(20, to.counters().receivedMessages());
    }
  }

  @Test
  void ofWhatTheKernelDropsTogetherOneMessageIsCounted() throws IOException {
    UdpOptions small = new UdpOptions(UdpOptions.Path.FFM, 8_192, 8_192, false, true, true);
    try (DatagramIo from = open();
        DatagramIo to = open(small)) {
      for (int i = 0; i < 1_000; i++) {
        send(from, to, numbered(i, 1_000));
      }
      from.flush();
      for (int i = 0; i < 2_000; i++) {
        to.receive(0);
      }
      IoCounters counters = to.counters();
      assertTrue(counters.receiveOverflows() > 0, "nothing was dropped");
      assertEquals(
          from.counters().sentMessages(),
          counters.receivedMessages() + counters.receiveOverflows());
    }
  }
}
