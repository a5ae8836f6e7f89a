package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written to several peers in turn reaches each in order, and in few sends. */
@Timeout(60)
class SendOrderTest {
  private static final long SECOND = 1_000_000_000L;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final List<Peer> peers = new ArrayList<>();

  /** A receiver, and what was sent to it and has not come yet. */
  private record Peer(DatagramIo io, Queue<byte[]> expected) {
    void receiveAll() {
      while (!expected.isEmpty()) {
        int n = io.receive(SECOND);
        assertTrue(n > 0, expected.size() + " datagrams did not come");
        for (int i = 0; i < n; i++) {
          byte[] data = new byte[io.length(i)];
          MemorySegment.copy(
              io.receiveMemory(), ValueLayout.JAVA_BYTE, io.offset(i), data, 0, data.length);
          assertArrayEquals(expected.poll(), data);
        }
      }
    }
  }

  private static DatagramIo open(UdpOptions.Path path) throws IOException {
    assumeTrue(path != UdpOptions.Path.FFM || UdpSockets.nativeSupported());
    return UdpSockets.open(new InetSocketAddress(LOOPBACK, 0), UdpOptions.DEFAULT.withPath(path));
  }

  private void openPeers(int count, UdpOptions.Path path) throws IOException {
    for (int i = 0; i < count; i++) {
      peers.add(new Peer(open(path), new ArrayDeque<>()));
    }
  }

  @AfterEach
  void closePeers() {
    peers.forEach(peer -> peer.io().close());
  }

  private static void send(DatagramIo from, Peer to, byte[] data, int room) {
    int port = to.io().localAddress().getPort();
    long at = from.claim(SocketAddresses.high(LOOPBACK), SocketAddresses.low(LOOPBACK), port, room);
    MemorySegment.copy(data, 0, from.memory(), ValueLayout.JAVA_BYTE, at, data.length);
    from.commit(data.length);
    to.expected().add(data);
  }

  private static byte[] random(Random random, int length) {
    byte[] data = new byte[length];
    random.nextBytes(data);
    return data;
  }

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void whateverTheOrderOfCommitsEachPeerGetsItsOwnInOrder(UdpOptions.Path path) throws IOException {
    openPeers(12, path);
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      int[] lengths = random.ints(1 + random.nextInt(4), 1, 1_400).toArray();
      int among = 1 + random.nextInt(peers.size());
      try (DatagramIo from = open(path)) {
        for (int i = random.nextInt(250); i >= 0; i--) {
          int length = lengths[random.nextInt(lengths.length)];
          int room = Math.min(DatagramIo.SLOT_BYTES, length + random.nextInt(50));
          send(from, peers.get(random.nextInt(among)), random(random, length), room);
          if (random.nextInt(100) == 0) {
            from.flush();
          }
        }
        from.flush();
        peers.forEach(Peer::receiveAll);
        assertEquals(0, from.sendRefusals(), "seed " + seed);
        assertEquals(0, from.counters().segmentationFallbacks(), "seed " + seed);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    peers.forEach(peer -> assertEquals(0, peer.io().receive(0)));
  }

  /** Packets of {@code tracks} tracks, one each, to three children; returns the sends it took. */
  private long sendsOfARelay(UdpOptions.Path path, int tracks, int length) throws IOException {
    openPeers(3, path);
    Random random = new Random(tracks);
    try (DatagramIo from = open(path)) {
      for (int track = 0; track < tracks; track++) {
        for (Peer child : peers) {
          send(from, child, random(random, length), length);
        }
      }
      from.flush();
      peers.forEach(Peer::receiveAll);
      assertEquals(3L * tracks, from.counters().sentDatagrams());
      return from.counters().sentMessages();
    }
  }

  @Test
  void packetsOfManyTracksToOneChildLeaveTogether() throws IOException {
    // 256 KiB hold 218 datagrams of 1,200 bytes; of a third of them, 54 are one message and the
    // rest is another: 6, 6 and 5 messages where there were 600.
    assertEquals(17, sendsOfARelay(UdpOptions.Path.FFM, 200, 1_200));
  }

  @Test
  void ofSmallPacketsManyTracksLeaveTogetherToo() throws IOException {
    // 512 pieces are a third of them 64, 64 and 43 datagrams; the other 88 take one message each.
    assertEquals(12, sendsOfARelay(UdpOptions.Path.FFM, 200, 100));
  }

  @Test
  void fewTracksAreOneMessageToEachChild() throws IOException {
    assertEquals(3, sendsOfARelay(UdpOptions.Path.FFM, 10, 1_200));
  }

  @Test
  void withoutSegmentationThereIsASendForEach() throws IOException {
    assertEquals(600, sendsOfARelay(UdpOptions.Path.NIO, 200, 1_200));
  }

  @Test
  void theLatestMessageOfEachPeerIsFoundAmongAllThatCollide() {
    int most = 128;
    LatestMessages latest = new LatestMessages(most);
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      // Addresses and ports of which many sums are the same, so that many places are.
      Map<List<Long>, Integer> model = new HashMap<>();
      for (int message = 0; message < most; message++) {
        long high = random.nextInt(3);
        long low = random.nextInt(5);
        int port = 31 * random.nextInt(8) + random.nextInt(3);
        int place = latest.place(high, low, port);
        List<Long> peer = List.of(high, low, (long) port);
        assertEquals(
            model.getOrDefault(peer, LatestMessages.NONE), latest.message(place), "seed " + seed);
        latest.put(place, message, high, low, port);
        model.put(peer, message);
      }
      latest.clear();
    }
  }
}
