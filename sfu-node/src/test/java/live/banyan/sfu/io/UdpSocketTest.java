package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ways to send and receive, over real loopback sockets. */
@Timeout(60)
class UdpSocketTest {
  private static final long SECOND = 1_000_000_000L;

  private static DatagramIo open(UdpOptions.Path path, String host) throws IOException {
    assumeTrue(path != UdpOptions.Path.FFM || UdpSockets.nativeSupported());
    return UdpSockets.open(
        new InetSocketAddress(InetAddress.getByName(host), 0), UdpOptions.DEFAULT.withPath(path));
  }

  private static void send(DatagramIo io, InetSocketAddress to, byte[] data) {
    long offset =
        io.claim(
            SocketAddresses.high(to.getAddress()),
            SocketAddresses.low(to.getAddress()),
            to.getPort(),
            data.length);
    MemorySegment.copy(data, 0, io.memory(), ValueLayout.JAVA_BYTE, offset, data.length);
    io.commit(data.length);
  }

  private static byte[] datagram(DatagramIo io, int i) {
    byte[] data = new byte[io.length(i)];
    MemorySegment.copy(
        io.receiveMemory(), ValueLayout.JAVA_BYTE, io.offset(i), data, 0, data.length);
    return data;
  }

  private static byte[] numbered(int number, int length) {
    byte[] data = new byte[length];
    for (int i = 0; i < length; i++) {
      data[i] = (byte) (number * 31 + i);
    }
    return data;
  }

  /** Receives until {@code count} datagrams came or none came for a second. */
  private static List<byte[]> collect(DatagramIo io, int count) {
    List<byte[]> all = new ArrayList<>();
    while (all.size() < count) {
      int n = io.receive(SECOND);
      if (n == 0) {
        break;
      }
      for (int i = 0; i < n; i++) {
        all.add(datagram(io, i));
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void answersThePeerItHeard(UdpOptions.Path path) throws IOException {
    for (String host : List.of("127.0.0.1", "::1")) {
      try (DatagramIo server = open(path, host);
          DatagramSocket client = new DatagramSocket(0, InetAddress.getByName(host))) {
        byte[] question = numbered(1, 777);
        client.send(new DatagramPacket(question, question.length, server.localAddress()));

        assertEquals(1, server.receive(SECOND), host);
        assertArrayEquals(question, datagram(server, 0));
        assertEquals(client.getLocalPort(), server.port(0));
        assertEquals(SocketAddresses.high(client.getLocalAddress()), server.addressHigh(0));
        assertEquals(SocketAddresses.low(client.getLocalAddress()), server.addressLow(0));

        byte[] answer = numbered(2, 50);
        long offset =
            server.claim(server.addressHigh(0), server.addressLow(0), server.port(0), 100);
        MemorySegment.copy(answer, 0, server.memory(), ValueLayout.JAVA_BYTE, offset, 50);
        server.commit(50);
        server.flush();
        DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
        client.setSoTimeout(2000);
        client.receive(got);
        assertArrayEquals(answer, java.util.Arrays.copyOf(got.getData(), got.getLength()));
        assertEquals(0, server.sendRefusals());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void theWildcardCarriesBothFamilies(UdpOptions.Path path) throws IOException {
    try (DatagramIo server = open(path, "::")) {
      int port = server.localAddress().getPort();
      for (String host : List.of("127.0.0.1", "::1")) {
        try (DatagramSocket client = new DatagramSocket(0, InetAddress.getByName(host))) {
          client.setSoTimeout(2000);
          client.send(new DatagramPacket(new byte[] {9}, 1, new InetSocketAddress(host, port)));
          assertEquals(1, server.receive(SECOND), host);
          assertEquals(
              host.contains("."),
              SocketAddresses.isIpv4(server.addressHigh(0), server.addressLow(0)));
          send(
              server,
              SocketAddresses.socketAddress(
                  server.addressHigh(0), server.addressLow(0), server.port(0)),
              new byte[] {7, 7});
          server.flush();
          DatagramPacket got = new DatagramPacket(new byte[10], 10);
          client.receive(got);
          assertEquals(2, got.getLength());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void keepsOrderAndBoundsOfABurst(UdpOptions.Path path) throws IOException {
    try (DatagramIo from = open(path, "127.0.0.1");
        DatagramIo to = open(path, "127.0.0.1")) {
      // Lengths rise, fall and repeat, so that segments start, end and break in every way.
      int[] lengths = {1, 1200, 1200, 1200, 600, 600, 601, 2048, 2048, 3, 1200, 1200, 1200, 1199};
      int count = 700;
      for (int i = 0; i < count; i++) {
        send(from, to.localAddress(), numbered(i, lengths[i % lengths.length]));
      }
      from.flush();
      List<byte[]> all = collect(to, count);
      assertEquals(count, all.size());
      for (int i = 0; i < count; i++) {
        assertArrayEquals(numbered(i, lengths[i % lengths.length]), all.get(i), "datagram " + i);
      }
      assertEquals(count, from.counters().sentDatagrams());
      assertEquals(count, to.counters().receivedDatagrams());
      assertEquals(from.counters().sentBytes(), to.counters().receivedBytes());
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void sendsToManyPeersInOneFlush(UdpOptions.Path path) throws IOException {
    List<DatagramIo> peers = new ArrayList<>();
    try (DatagramIo from = open(path, "127.0.0.1")) {
      for (int i = 0; i < 20; i++) {
        peers.add(open(path, "127.0.0.1"));
      }
      for (int round = 0; round < 3; round++) {
        for (int p = 0; p < peers.size(); p++) {
          for (int i = 0; i < 4; i++) {
            send(from, peers.get(p).localAddress(), numbered(p * 4 + i, 1000));
          }
        }
        from.flush();
      }
      for (int p = 0; p < peers.size(); p++) {
        List<byte[]> all = collect(peers.get(p), 12);
        assertEquals(12, all.size());
        for (int i = 0; i < 12; i++) {
          assertArrayEquals(numbered(p * 4 + i % 4, 1000), all.get(i));
        }
      }
    } finally {
      peers.forEach(DatagramIo::close);
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void anAbandonedSlotSendsNothing(UdpOptions.Path path) throws IOException {
    try (DatagramIo from = open(path, "127.0.0.1");
        DatagramIo to = open(path, "127.0.0.1")) {
      InetAddress address = to.localAddress().getAddress();
      from.claim(
          SocketAddresses.high(address),
          SocketAddresses.low(address),
          to.localAddress().getPort(),
          100);
      from.commit(0);
      send(from, to.localAddress(), numbered(1, 10));
      from.flush();
      from.flush();
      List<byte[]> all = collect(to, 1);
      assertEquals(1, all.size());
      assertArrayEquals(numbered(1, 10), all.get(0));
      assertEquals(0, to.receive(0));
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void refusesCallsOutOfBounds(UdpOptions.Path path) throws IOException {
    try (DatagramIo io = open(path, "127.0.0.1")) {
      assertThrows(IndexOutOfBoundsException.class, () -> io.claim(0, 0xFFFF7F000001L, 1, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> io.claim(0, 0xFFFF7F000001L, 1, 2049));
      assertThrows(IndexOutOfBoundsException.class, () -> io.commit(1));
      io.claim(0, 0xFFFF7F000001L, 9, 10);
      assertThrows(IndexOutOfBoundsException.class, () -> io.commit(11));
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void dropsAndCountsWhatIsLongerThanASlot(UdpOptions.Path path) throws IOException {
    try (DatagramIo io = open(path, "127.0.0.1");
        DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (int length : new int[] {2049, 10, 60_000, 2048, 0}) {
        client.send(new DatagramPacket(numbered(length, length), length, io.localAddress()));
      }
      List<byte[]> all = collect(io, 3);
      assertEquals(3, all.size());
      assertArrayEquals(numbered(10, 10), all.get(0));
      assertArrayEquals(numbered(2048, 2048), all.get(1));
      assertEquals(0, all.get(2).length);
      assertEquals(2, io.counters().receiveTruncated());
      assertEquals(3, io.counters().receivedDatagrams());
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void aPeerThatIsGoneDisturbsNobody(UdpOptions.Path path) throws IOException {
    try (DatagramIo from = open(path, "127.0.0.1");
        DatagramIo alive = open(path, "127.0.0.1")) {
      InetSocketAddress gone;
      try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
        gone = (InetSocketAddress) closed.getLocalSocketAddress();
      }
      for (int i = 0; i < 50; i++) {
        send(from, gone, numbered(i, 100));
        from.flush();
        from.receive(0);
        send(from, alive.localAddress(), numbered(i, 100));
        from.flush();
      }
      assertEquals(50, collect(alive, 50).size());
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void whatTheKernelRefusesIsCountedAndTheRestGoesOut(UdpOptions.Path path) throws IOException {
    try (DatagramIo from = open(path, "127.0.0.1");
        DatagramIo to = open(path, "127.0.0.1")) {
      send(from, to.localAddress(), numbered(1, 100));
      // A socket bound to IPv4 has no way to an IPv6 host; port 0 is no port.
      send(from, new InetSocketAddress("2001:db8::1", 9), numbered(2, 100));
      send(from, new InetSocketAddress("127.0.0.1", 0), numbered(3, 100));
      send(from, to.localAddress(), numbered(4, 100));
      from.flush();
      List<byte[]> all = collect(to, 2);
      assertEquals(2, all.size());
      assertArrayEquals(numbered(4, 100), all.get(1));
      assertEquals(2, from.sendRefusals());
      assertEquals(2, from.counters().sentDatagrams());
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void aWakeUpEndsTheWaitFromAnyThreadAndIsNotLost(UdpOptions.Path path) throws Exception {
    try (DatagramIo io = open(path, "127.0.0.1")) {
      io.wake();
      io.wake();
      assertEquals(0, io.receive(-1), "a wake-up before the wait ends it");
      AtomicInteger asked = new AtomicInteger();
      AtomicInteger done = new AtomicInteger();
      Thread waker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= 2000; i++) {
                      asked.set(i);
                      io.wake();
                      while (done.get() < i) {
                        Thread.onSpinWait();
                      }
                    }
                  });
      while (done.get() < 2000) {
        assertEquals(0, io.receive(-1));
        done.set(asked.get());
      }
      waker.join();
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void waitsNoLongerThanAsked(UdpOptions.Path path) throws IOException {
    try (DatagramIo io = open(path, "127.0.0.1")) {
      long start = System.nanoTime();
      assertEquals(0, io.receive(0));
      assertEquals(0, io.receive(20_000_000));
      long waited = System.nanoTime() - start;
      assertTrue(waited >= 19_000_000, "waited " + waited);
      assertTrue(waited < 5 * SECOND, "waited " + waited);
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void aTakenPortIsNamed(UdpOptions.Path path) throws IOException {
    try (DatagramIo io = open(path, "127.0.0.1")) {
      InetSocketAddress taken = io.localAddress();
      BindException e =
          assertThrows(
              BindException.class,
              () -> UdpSockets.open(taken, UdpOptions.DEFAULT.withPath(path)).close());
      assertTrue(String.valueOf(e.getMessage()).contains("port " + taken.getPort()), e.toString());
      assertTrue(String.valueOf(e.getMessage()).contains("taken"), e.toString());
    }
    InetSocketAddress foreign = new InetSocketAddress("203.0.113.7", 4000);
    BindException e =
        assertThrows(
            BindException.class,
            () -> UdpSockets.open(foreign, UdpOptions.DEFAULT.withPath(path)).close());
    assertTrue(String.valueOf(e.getMessage()).contains("203.0.113.7"), e.toString());
    assertThrows(
        UnknownHostException.class,
        () -> UdpSockets.open(InetSocketAddress.createUnresolved("nowhere.invalid", 1)).close());
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void socketsMayShareAPortWhenAsked(UdpOptions.Path path) throws IOException {
    UdpOptions shared = UdpOptions.DEFAULT.withPath(path).withReusePort(true);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DatagramIo first = UdpSockets.open(any, shared);
        DatagramIo second = UdpSockets.open(first.localAddress(), shared)) {
      assertEquals(first.localAddress(), second.localAddress());
    }
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void aClosedSocketSaysSo(UdpOptions.Path path) throws IOException {
    DatagramIo io = open(path, "127.0.0.1");
    io.close();
    io.close();
    io.wake();
    assertThrows(IllegalStateException.class, () -> io.receive(0));
  }

  @Test
  void linuxTakesTheNativePath() throws IOException {
    assumeTrue(UdpSockets.nativeSupported());
    try (DatagramIo io = open(UdpOptions.Path.AUTO, "127.0.0.1")) {
      assertEquals("ffm", io.udpPath());
    }
    try (DatagramIo io = open(UdpOptions.Path.NIO, "127.0.0.1")) {
      assertEquals("nio", io.udpPath());
    }
  }

  @Test
  void packetsOfOnePeerLeaveAsOneMessage() throws IOException {
    try (DatagramIo from = open(UdpOptions.Path.FFM, "127.0.0.1");
        DatagramIo to = open(UdpOptions.Path.FFM, "127.0.0.1")) {
      for (int i = 0; i < 10; i++) {
        send(from, to.localAddress(), numbered(i, i == 9 ? 700 : 1200));
      }
      from.flush();
      assertEquals(1, from.counters().sentMessages());
      assertEquals(10, from.counters().sentDatagrams());
      List<byte[]> all = collect(to, 10);
      assertArrayEquals(numbered(8, 1200), all.get(8));
      assertArrayEquals(numbered(9, 700), all.get(9));
      // 64 segments and 65,000 bytes are the bounds: 54 of 1,200 bytes, then the rest.
      for (int i = 0; i < 60; i++) {
        send(from, to.localAddress(), numbered(i, 1200));
      }
      from.flush();
      assertEquals(3, from.counters().sentMessages());
      assertEquals(60, collect(to, 60).size());
      for (int i = 0; i < 128; i++) {
        send(from, to.localAddress(), numbered(i, 20));
      }
      from.flush();
      assertEquals(5, from.counters().sentMessages());
      assertEquals(128, collect(to, 128).size());
      assertEquals(0, from.counters().segmentationFallbacks());
    }
  }

  @Test
  void segmentsTheKernelCannotCutLeaveOneByOne() throws IOException {
    // A path that refuses segments cannot be had on loopback; the same EINVAL comes for port 0.
    try (DatagramIo from = open(UdpOptions.Path.FFM, "127.0.0.1");
        DatagramIo to = open(UdpOptions.Path.FFM, "127.0.0.1")) {
      InetSocketAddress nowhere = new InetSocketAddress("127.0.0.1", 0);
      for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 5; i++) {
          send(from, nowhere, numbered(i, 100));
        }
        from.flush();
      }
      assertEquals(8, from.counters().segmentationFallbacks());
      assertEquals(40, from.sendRefusals());
      // Eight refusals in a row pause segmentation: equal datagrams leave alone.
      for (int i = 0; i < 5; i++) {
        send(from, to.localAddress(), numbered(i, 100));
      }
      from.flush();
      assertEquals(5, from.counters().sentMessages());
      assertEquals(5, collect(to, 5).size());
    }
  }

  @Test
  void withoutSegmentationEveryDatagramIsAMessage() throws IOException {
    assumeTrue(UdpSockets.nativeSupported());
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DatagramIo from = UdpSockets.open(any, UdpOptions.DEFAULT.withSegmentation(false));
        DatagramIo to = open(UdpOptions.Path.FFM, "127.0.0.1")) {
      for (int i = 0; i < 200; i++) {
        send(from, to.localAddress(), numbered(i, 500));
      }
      from.flush();
      assertEquals(200, from.counters().sentMessages());
      assertEquals(200, collect(to, 200).size());
    }
  }

  @Test
  void theNativePathAllocatesNothingPerDatagram() throws IOException {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    try (DatagramIo from = open(UdpOptions.Path.FFM, "127.0.0.1");
        DatagramIo to = open(UdpOptions.Path.FFM, "127.0.0.1")) {
      long low = SocketAddresses.low(to.localAddress().getAddress());
      int port = to.localAddress().getPort();
      int packets = 50_000;
      long allocated = Long.MAX_VALUE;
      // Until the compiler is done with the calls they box; after that, not a byte.
      for (int round = 0; round < 30 && allocated >= packets; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        assertEquals(packets, pump(from, to, low, port, packets));
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertTrue(allocated < packets, "allocated " + allocated + " bytes");
    }
  }

  private static int pump(DatagramIo from, DatagramIo to, long low, int port, int packets) {
    int arrived = 0;
    for (int sent = 0; sent < packets; sent += 50) {
      for (int i = 0; i < 50; i++) {
        long offset = from.claim(0, low, port, 1200);
        from.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, offset, sent);
        from.commit(i % 10 == 9 ? 900 : 1200);
      }
      from.flush();
      int n;
      while ((n = to.receive(0)) > 0) {
        for (int i = 0; i < n; i++) {
          arrived += to.length(i) >= 900 && to.port(i) > 0 && to.addressLow(i) == low ? 1 : 0;
        }
      }
      to.receive(1000);
    }
    return arrived;
  }

  @Test
  void whatTheKernelDropsIsCounted() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    assumeTrue(UdpSockets.nativeSupported());
    try (DatagramIo from = UdpSockets.open(any);
        DatagramIo to =
            UdpSockets.open(
                any, new UdpOptions(UdpOptions.Path.FFM, 8192, 8192, false, true, false))) {
      for (int i = 0; i < 1000; i++) {
        send(from, to.localAddress(), numbered(i, 1000));
      }
      from.flush();
      int arrived = 0;
      for (int i = 0; i < 2000; i++) {
        arrived += to.receive(0);
      }
      assertEquals(1000, arrived + to.counters().receiveOverflows());
      assertTrue(arrived < 1000, "nothing was dropped");
    }
  }

  /** A kernel without IPv6 cannot be had here, so the layout it would get is checked alone. */
  @Test
  void socketAddressesOfBothFamiliesGoThereAndBack() {
    MemorySegment memory = java.lang.foreign.Arena.ofAuto().allocate(32, 8);
    long mapped = 0xFFFF_C000_0201L;
    SocketAddressLayout.INET.write(memory, 0, 0, mapped, 65_535, 0);
    assertArrayEquals(
        new byte[] {2, 0, -1, -1, (byte) 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0},
        memory.asSlice(0, 16).toArray(ValueLayout.JAVA_BYTE));
    assertEquals(mapped, SocketAddressLayout.INET.low(memory, 0));
    assertEquals(0, SocketAddressLayout.INET.high(memory, 0));
    assertEquals(65_535, SocketAddressLayout.INET.port(memory, 0));
    assertFalse(SocketAddressLayout.INET.carries(1, mapped));
    SocketAddressLayout.INET6.write(memory, 0, 0xFE80L << 48, 7, 443, 3);
    assertEquals(0xFE80L << 48, SocketAddressLayout.INET6.high(memory, 0));
    assertEquals(7, SocketAddressLayout.INET6.low(memory, 0));
    assertEquals(443, SocketAddressLayout.INET6.port(memory, 0));
    assertEquals(3, SocketAddressLayout.INET6.scope(memory, 0));
  }

  @Test
  void linkLocalScopesAreRemembered() {
    LinkLocalScopes scopes = new LinkLocalScopes();
    assertTrue(LinkLocalScopes.isLinkLocal(0xFE80_0000_0000_0000L));
    assertTrue(LinkLocalScopes.isLinkLocal(0xFEBF_0000_0000_0000L));
    assertFalse(LinkLocalScopes.isLinkLocal(0xFEC0_0000_0000_0000L));
    assertFalse(LinkLocalScopes.isLinkLocal(0x2001_0000_0000_0000L));
    assertEquals(0, scopes.scopeOf(42));
    scopes.heard(42, 7);
    assertEquals(7, scopes.scopeOf(42));
    assertEquals(0, scopes.scopeOf(43));
    for (int i = 0; i < 10_000; i++) {
      scopes.heard(i * 7919L, 3);
    }
    scopes.heard(42, 9);
    assertEquals(9, scopes.scopeOf(42));
  }

  @Test
  void addressesGoThereAndBack() throws UnknownHostException {
    for (String host :
        List.of("127.0.0.1", "255.254.253.252", "::1", "2001:db8::8:800:200c:417a")) {
      InetAddress address = InetAddress.getByName(host);
      long high = SocketAddresses.high(address);
      long low = SocketAddresses.low(address);
      assertEquals(address, SocketAddresses.address(high, low));
      assertEquals(host.contains("."), SocketAddresses.isIpv4(high, low));
    }
  }
}
