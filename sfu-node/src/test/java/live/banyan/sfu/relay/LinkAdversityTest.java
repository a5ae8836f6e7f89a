package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.shard.ShardEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that lie, networks that lose, floods, and what is left behind. */
@Timeout(60)
class LinkAdversityTest {
  private final FakeSite site = new FakeSite();
  private LinkNode one;
  private LinkNode two;

  /** What is measured here is not how long classes take to load. */
  @BeforeAll
  static void warmUp() throws Exception {
    try (LinkNode node = new LinkNode(new FakeSite(), 1)) {
      assertTrue(node.links.warmUp().get(60, TimeUnit.SECONDS));
    }
  }

  @BeforeEach
  void start() throws IOException {
    one = new LinkNode(site, 1);
    two = new LinkNode(site, 2);
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
  }

  @Test
  void hostileOffersAreRefusedCountedAndLeaveNothing() throws Exception {
    String stranger = LinkNode.id(9);
    assertRefused(
        OfferRefusal.UNKNOWN_NODE, stranger, offer(LinkNode.fingerprint(9), "127.0.0.1:9"));
    site.put(record(9, "127.0.0.1:9", "192.0.2.9:9", "169.254.169.254:80"));
    assertRefused(OfferRefusal.MALFORMED, stranger, "no json".getBytes(StandardCharsets.UTF_8));
    assertRefused(OfferRefusal.TOO_LONG, stranger, new byte[LinkOffer.BYTES_MAX + 1]);
    assertRefused(
        OfferRefusal.WRONG_FINGERPRINT, stranger, offer(LinkNode.fingerprint(8), "127.0.0.1:9"));
    assertRefused(
        OfferRefusal.FOREIGN_CANDIDATE, stranger, offer(LinkNode.fingerprint(9), "127.0.0.1:22"));
    assertRefused(
        OfferRefusal.UNREACHABLE_CANDIDATE,
        stranger,
        offer(LinkNode.fingerprint(9), "169.254.169.254:80"));
    assertRefused(OfferRefusal.MALFORMED, stranger, LinkOffer.encodeRefusal(OfferRefusal.GLARE));
    assertTrue(one.shard.open.isEmpty());
    one.assertNoEventWithin(50);
  }

  @Test
  void aNodeThatKeepsOfferingIsHeldBack() throws Exception {
    site.put(record(9, "127.0.0.1:9"));
    for (int i = 0; i < LinkSettings.defaults().offerBurst(); i++) {
      assertRefused(OfferRefusal.MALFORMED, LinkNode.id(9), new byte[0]);
    }
    assertRefused(OfferRefusal.RATE, LinkNode.id(9), new byte[0]);
    one.connect(two);
    one.awaitUp(two);
  }

  @Test
  void anOfferThatNobodyStandsBehindEndsInTime() throws Exception {
    LinkSettings quick = settings(600, 256, 64);
    try (LinkNode three = new LinkNode(site, 3, quick)) {
      site.put(record(9, "127.0.0.1:9"));
      byte[] answer =
          site.request(LinkNode.id(9), three.id, offer(LinkNode.fingerprint(9), "127.0.0.1:9"))
              .get(5, TimeUnit.SECONDS);
      assertInstanceOf(LinkOffer.class, LinkOffer.read(answer));
      LinkTransport.Down down = assertInstanceOf(LinkTransport.Down.class, three.next());
      assertEquals(LinkNode.id(9), down.nodeId());
      await(() -> three.shard.open.isEmpty());
      assertEquals(1, three.links.count(LinkCount.HANDSHAKES_FAILED));
    }
  }

  @Test
  void linksAndHandshakesAreBounded() throws Exception {
    try (LinkNode three = new LinkNode(site, 3, settings(5000, 3, 2))) {
      for (int i = 20; i < 22; i++) {
        site.put(record(i, "127.0.0.1:9"));
        assertInstanceOf(
            LinkOffer.class,
            LinkOffer.read(
                site.request(
                        LinkNode.id(i), three.id, offer(LinkNode.fingerprint(i), "127.0.0.1:9"))
                    .get(5, TimeUnit.SECONDS)));
      }
      three.connect(one);
      assertEquals(OfferRefusal.HANDSHAKES_FULL.sentence(), three.awaitDown(one));
      site.put(record(22, "127.0.0.1:9"));
      byte[] answer =
          site.request(LinkNode.id(22), three.id, offer(LinkNode.fingerprint(22), "127.0.0.1:9"))
              .get(5, TimeUnit.SECONDS);
      assertEquals(new OfferReading.Refused(OfferRefusal.HANDSHAKES_FULL), LinkOffer.read(answer));
      assertEquals(2, three.shard.open.size());
    }
    try (LinkNode four = new LinkNode(site, 4, settings(5000, 1, 1))) {
      four.connect(one);
      four.awaitUp(one);
      four.connect(two);
      assertEquals(OfferRefusal.LINKS_FULL.sentence(), four.awaitDown(two));
    }
  }

  @Test
  void linksComeUpAndStayThroughLoss() throws InterruptedException {
    one.shard.lose(0.2, 1);
    two.shard.lose(0.2, 2);
    one.connect(two);
    one.awaitUp(two);
    two.awaitUp(one);
    one.links.carriesRelays(two.id, true);
    one.assertNoEventWithin(2000);
    double loss = one.links.loss(two.id);
    assertTrue(loss > 0.02 && loss < 0.6, "loss " + loss);
  }

  @Test
  void garbageOnALinkChangesNothing() throws InterruptedException {
    one.connect(two);
    one.awaitUp(two);
    two.awaitUp(one);
    long transport = one.links.transportId(two.id).orElseThrow();
    Random random = new Random(7);
    InetAddress from = InetAddress.getLoopbackAddress();
    for (int i = 0; i < 2000; i++) {
      byte[] garbage = new byte[random.nextInt(1200)];
      random.nextBytes(garbage);
      one.shard.inject(new ShardEvent.Dtls(transport, garbage));
      one.shard.inject(
          new ShardEvent.LinkStun(
              transport, garbage, Endpoint.high(from), Endpoint.low(from), 1 + i % 60000));
    }
    await(() -> one.links.send(two.id, new byte[] {42}));
    assertArrayEquals(new byte[] {42}, two.awaitMessage());
  }

  @Test
  void garbageDuringAHandshakeIsCountedAndTheLinkComesUp() throws InterruptedException {
    Random random = new Random(8);
    one.connect(two);
    for (int i = 0; i < 400 && one.links.links().isEmpty(); i++) {
      byte[] garbage = new byte[20 + random.nextInt(100)];
      random.nextBytes(garbage);
      for (int byte0 : new int[] {0, 1, 22}) {
        garbage[0] = (byte) byte0;
        for (long transport : one.shard.open) {
          one.shard.inject(
              byte0 == 22
                  ? new ShardEvent.Dtls(transport, garbage.clone())
                  : new ShardEvent.LinkStun(transport, garbage.clone(), 0, 0xffff7f000001L, 9));
        }
      }
      LockSupport.parkNanos(100_000);
    }
    one.awaitUp(two);
    two.awaitUp(one);
    assertTrue(one.links.count(LinkCount.STUN_DROPPED) > 0);
  }

  @Test
  void aSlowListenerDoesNotStopTheHeartbeat() throws InterruptedException {
    two.links.listen(event -> LockSupport.parkNanos(400_000_000));
    one.connect(two);
    one.awaitUp(two);
    one.links.carriesRelays(two.id, true);
    for (int i = 0; i < 5000; i++) {
      one.links.send(two.id, new byte[100]);
    }
    one.assertNoEventWithin(1500);
  }

  @Test
  void nothingIsLeftOfFiftyLinks() throws Exception {
    try (LinkNode three = new LinkNode(site, 3, settings(5000, 256, 64, 1000))) {
      int before = platformThreads("relay");
      for (int i = 0; i < 51; i++) {
        one.connect(three);
        one.awaitUp(three);
        three.awaitUp(one);
        one.links.disconnect(three.id);
        one.awaitDown(three);
        three.awaitDown(one);
      }
      await(() -> platformThreads("IceConnector") == 0);
      assertEquals(before, platformThreads("relay"));
      // ice4j's pools are shared by all agents and end after a minute without work.
      assertTrue(platformThreads("ice4j") < 16, () -> "ice4j has " + platformThreads("ice4j"));
      await(() -> one.shard.open.isEmpty() && three.shard.open.isEmpty());
      assertTrue(one.shard.ciphers.isEmpty() && three.shard.ciphers.isEmpty());
    }
  }

  @Test
  void whenTheSsrcsAreUsedUpTheNextLinkHasFreshKeys() throws InterruptedException {
    one.connect(two);
    one.awaitUp(two);
    for (int i = 0; i < RelayLinks.SSRCS_MAX; i++) {
      assertEquals(2 * i + 1, one.links.nextSsrc(two.id));
    }
    assertEquals(0, one.links.nextSsrc(two.id));
    one.awaitDown(two);
    one.connect(two);
    one.awaitUp(two);
    assertEquals(1, one.links.nextSsrc(two.id));
  }

  @Test
  void forgedRecordsWithTheRightHeaderChangeNothing() throws InterruptedException {
    one.connect(two);
    one.awaitUp(two);
    two.awaitUp(one);
    long transport = one.links.transportId(two.id).orElseThrow();
    Random random = new Random(9);
    for (int i = 0; i < 300; i++) {
      int length = 24 + random.nextInt(60);
      byte[] forged = new byte[13 + length];
      random.nextBytes(forged);
      forged[0] = (byte) (20 + i % 4); // change cipher spec, alert, handshake, application data
      forged[1] = (byte) 254;
      forged[2] = (byte) 253;
      forged[3] = 0;
      forged[4] = (byte) (i / 4 % 2); // epoch 0 and 1
      forged[5] = 0;
      forged[11] = 0;
      forged[12] = (byte) length;
      one.shard.inject(new ShardEvent.Dtls(transport, forged));
      if (i % 8 == 7) {
        LockSupport.parkNanos(1_000_000); // The queue takes 32.
      }
    }
    await(() -> one.links.send(two.id, new byte[] {42}));
    assertArrayEquals(new byte[] {42}, two.awaitMessage());
    two.links.send(one.id, new byte[] {43});
    assertArrayEquals(new byte[] {43}, one.awaitMessage());
  }

  @Test
  void anOfferAfterTheEndIsRefused() throws Exception {
    one.links.close();
    byte[] answer = site.request(two.id, one.id, offer("", "127.0.0.1:9")).get(5, TimeUnit.SECONDS);
    assertEquals(new OfferReading.Refused(OfferRefusal.CLOSING), LinkOffer.read(answer));
  }

  @Test
  void aLinkThatIsUpHoldsNoThread() throws InterruptedException {
    one.connect(two);
    one.awaitUp(two);
    two.awaitUp(one);
    await(() -> platformThreads("IceConnector") == 0);
  }

  @Test
  void closingSaysFarewellAndFreesTheThreads() throws Exception {
    try (LinkNode three = new LinkNode(site, 3)) {
      three.connect(one);
      three.awaitUp(one);
      one.awaitUp(three);
      three.links.close();
      assertEquals("the peer closed the link", one.awaitDown(three));
      await(() -> platformThreads("relay-links") == 2);
    }
  }

  @Test
  void warmingUpDoesAWholeHandshakeInMemory() throws Exception {
    assertTrue(one.links.warmUp().get(20, TimeUnit.SECONDS));
    assertTrue(one.shard.open.isEmpty(), "nothing of it reaches the shard");
    one.assertNoEventWithin(20);
  }

  @Test
  void aNodeWithoutAddressSaysSo() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new RelayLinks(
                site.join(record(5)),
                LinkSettings.defaults(),
                () -> 1,
                command -> {},
                (client, fingerprint, output, listener) -> {
                  throw new AssertionError("no link");
                },
                keys -> {
                  throw new AssertionError("no keys");
                }));
  }

  private void assertRefused(OfferRefusal reason, String from, byte[] body) throws Exception {
    long before = one.links.refusals(reason);
    byte[] answer = site.request(from, one.id, body).get(5, TimeUnit.SECONDS);
    assertEquals(new OfferReading.Refused(reason), LinkOffer.read(answer));
    assertEquals(before + 1, one.links.refusals(reason));
  }

  private static byte[] offer(String fingerprint, String... candidates) {
    return new LinkOffer(1, 1, "abcd", "p".repeat(22), fingerprint, List.of(candidates)).encode();
  }

  private static NodeRecord record(int number, String... udp) {
    return new NodeRecord(
        LinkNode.id(number),
        "http://127.0.0.1:1",
        List.of(udp),
        LinkNode.fingerprint(number),
        1,
        false,
        0);
  }

  private static LinkSettings settings(long handshakeMs, int links, int handshakes) {
    return settings(handshakeMs, links, handshakes, LinkSettings.defaults().offerBurst());
  }

  private static LinkSettings settings(
      long handshakeMs, int links, int handshakes, int offerBurst) {
    LinkSettings usual = LinkSettings.defaults();
    return new LinkSettings(
        usual.heartbeatActiveNs(),
        usual.heartbeatIdleNs(),
        usual.silenceActiveNs(),
        usual.silenceIdleNs(),
        Duration.ofMillis(handshakeMs).toNanos(),
        usual.greetingNs(),
        usual.checkPaceMs(),
        links,
        handshakes,
        offerBurst,
        usual.offerRefillNs());
  }

  private static int platformThreads(String prefix) {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith(prefix))
            .count();
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not come true within 10 s");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
