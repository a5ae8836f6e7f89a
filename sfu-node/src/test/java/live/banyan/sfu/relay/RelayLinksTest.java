package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import live.banyan.mesh.LinkTransport;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.packet.PacketCipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RelayLinksTest {
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
  void aLinkComesUpAtBothEndsAndCarriesMessages() throws InterruptedException {
    linkUp();
    assertTrue(one.links.send(two.id, bytes("to two")));
    assertTrue(two.links.send(one.id, bytes("to one")));
    assertArrayEquals(bytes("to two"), two.awaitMessage());
    assertArrayEquals(bytes("to one"), one.awaitMessage());
    byte[] longest = new byte[LinkTransport.MESSAGE_BYTES_MAX];
    longest[longest.length - 1] = 7;
    assertTrue(one.links.send(two.id, longest));
    assertArrayEquals(longest, two.awaitMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> one.links.send(two.id, new byte[LinkTransport.MESSAGE_BYTES_MAX + 1]));
  }

  @Test
  void whatOneEndSealsTheOtherOpens() throws InterruptedException {
    linkUp();
    PacketCipher here = one.shard.cipher(one.links.transportId(two.id).orElseThrow());
    PacketCipher there = two.shard.cipher(two.links.transportId(one.id).orElseThrow());
    assertSealsFor(here, there, one.links.nextSsrc(two.id));
    assertSealsFor(there, here, two.links.nextSsrc(one.id));
  }

  private static void assertSealsFor(PacketCipher sender, PacketCipher receiver, int ssrc) {
    byte[] header = {(byte) 0x80, 96, 0, 7, 0, 0, 0, 1, 0, 0, (byte) (ssrc >> 8), (byte) ssrc};
    byte[] payload = bytes("frame");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(256);
      MemorySegment content = arena.allocate(64);
      MemorySegment.copy(header, 0, packet, ValueLayout.JAVA_BYTE, 0, header.length);
      MemorySegment.copy(payload, 0, content, ValueLayout.JAVA_BYTE, 0, payload.length);
      int sealed = sender.protectRtp(7, packet, 0, header.length, content, 0, payload.length);
      assertEquals(header.length + payload.length, receiver.unprotectRtp(packet, 0, sealed));
      byte[] opened = new byte[payload.length];
      MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, header.length, opened, 0, opened.length);
      assertArrayEquals(payload, opened);
    }
  }

  @Test
  void connectingAgainChangesNothing() throws InterruptedException {
    linkUp();
    OptionalLong transport = one.links.transportId(two.id);
    one.connect(two);
    two.connect(one);
    one.assertNoEventWithin(200);
    assertEquals(transport, one.links.transportId(two.id));
    assertEquals(
        1, one.links.count(LinkCount.OFFERS_SENT) + two.links.count(LinkCount.OFFERS_SENT));
  }

  @Test
  void theRoundTripIsMeasured() throws InterruptedException {
    linkUp();
    await(() -> one.links.rttNs(two.id) > 0 && two.links.rttNs(one.id) > 0);
    assertTrue(one.links.rttNs(two.id) < Duration.ofMillis(200).toNanos());
    assertEquals(0, one.links.loss(two.id), 0.5);
    assertEquals(-1, one.links.rttNs("f".repeat(32)));
  }

  @Test
  void whenBothEndsConnectOneLinkComesOfIt() throws InterruptedException {
    for (int round = 0; round < 5; round++) {
      one.connect(two);
      two.connect(one);
      one.awaitUp(two);
      two.awaitUp(one);
      one.assertNoEventWithin(50);
      two.assertNoEventWithin(50);
      assertEquals(1, one.links.links().size());
      await(() -> one.shard.open.size() == 1 && two.shard.open.size() == 1);
      one.links.disconnect(two.id);
      one.awaitDown(two);
      two.awaitDown(one);
    }
  }

  @Test
  void aDeadPeerIsNoticedWithinHalfASecondWhileRelaysRun() throws InterruptedException {
    linkUp();
    one.links.carriesRelays(two.id, true);
    await(() -> one.links.rttNs(two.id) > 0);
    long since = System.nanoTime();
    two.kill();
    assertEquals("the peer has gone silent", one.awaitDown(two));
    long tookMs = Duration.ofNanos(System.nanoTime() - since).toMillis();
    // 500 ms is what is promised; an idle link would take 1.5 s.
    assertTrue(tookMs >= 240 && tookMs < 1000, "took " + tookMs + " ms");
    assertEquals(OptionalLong.empty(), one.links.transportId(two.id));
    assertFalse(one.links.send(two.id, bytes("nobody")));
    await(() -> one.shard.open.isEmpty());
  }

  @Test
  void aPeerWhoseMediaFlowsMayBeLateWithItsMessages() throws InterruptedException {
    linkUp();
    one.links.carriesRelays(two.id, true);
    await(() -> one.links.rttNs(two.id) > 0);
    one.shard.lastPacketNs = System::nanoTime;
    long since = System.nanoTime();
    two.kill();
    assertEquals("the peer has gone silent", one.awaitDown(two));
    long tookMs = Duration.ofNanos(System.nanoTime() - since).toMillis();
    assertTrue(tookMs >= 1200 && tookMs < 4500, "took " + tookMs + " ms");
  }

  @Test
  void theOtherEndBecomesActiveToo() throws InterruptedException {
    linkUp();
    one.links.carriesRelays(two.id, true);
    one.assertNoEventWithin(150);
    long since = System.nanoTime();
    one.kill();
    two.awaitDown(one);
    long tookMs = Duration.ofNanos(System.nanoTime() - since).toMillis();
    assertTrue(tookMs < 1000, "took " + tookMs + " ms");
  }

  @Test
  void anIdleLinkLivesLongerAndEndsToo() throws InterruptedException {
    linkUp();
    one.assertNoEventWithin(700);
    long since = System.nanoTime();
    two.kill();
    one.awaitDown(two);
    long tookMs = Duration.ofNanos(System.nanoTime() - since).toMillis();
    assertTrue(tookMs >= 1000 && tookMs < 4500, "took " + tookMs + " ms");
  }

  @Test
  void aClosedLinkEndsAtOnceAtBothEndsAndComesAgain() throws InterruptedException {
    linkUp();
    long first = one.links.transportId(two.id).orElseThrow();
    long since = System.nanoTime();
    one.links.disconnect(two.id);
    assertEquals("closed here", one.awaitDown(two));
    assertEquals("the peer closed the link", two.awaitDown(one));
    assertTrue(System.nanoTime() - since < Duration.ofMillis(750).toNanos());
    await(() -> one.shard.open.isEmpty() && two.shard.open.isEmpty());
    two.connect(one);
    two.awaitUp(one);
    one.awaitUp(two);
    assertNotEquals(first, one.links.transportId(two.id).orElseThrow());
  }

  @Test
  void aPeerThatStartsOverReplacesItsLink() throws Exception {
    linkUp();
    two.kill();
    site.leave(two.id);
    try (LinkNode again = new LinkNode(site, 2)) {
      again.connect(one);
      assertEquals("the peer started over", one.awaitDown(again));
      one.awaitUp(again);
      again.awaitUp(one);
    }
  }

  @Test
  void aCertificateThatIsNotTheRecordedOneGivesNoLink() throws Exception {
    DtlsIdentity real = DtlsIdentity.generate(new SecureRandom());
    try (LinkNode liar =
        new LinkNode(
            site,
            3,
            LinkSettings.defaults(),
            LinkNode.fingerprint(3),
            new DtlsChannels(new DtlsEndpoint(real, DtlsLimits.defaults(), new SecureRandom())))) {
      one.connect(liar);
      assertEquals("the peer's certificate is not the one in its record", one.awaitDown(liar));
      assertEquals(0, one.links.count(LinkCount.LINKS_UP));
      await(() -> one.shard.open.isEmpty());
    }
  }

  @Test
  void aPeerThatIsNotThereGivesDown() throws Exception {
    LinkNode gone = new LinkNode(site, 4);
    gone.close();
    site.leave(gone.id);
    one.links.connect(
        new live.banyan.mesh.NodeRecord(
            gone.id,
            "http://127.0.0.1:1",
            java.util.List.of("127.0.0.1:9"),
            LinkNode.fingerprint(4),
            1,
            false,
            0));
    one.awaitDown(gone);
    assertEquals(1, one.links.refusals(OfferRefusal.UNANSWERED));
  }

  @Test
  void ssrcsNeverRepeatAndDifferBetweenTheEnds() throws InterruptedException {
    linkUp();
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      assertTrue(seen.add(one.links.nextSsrc(two.id)));
      assertTrue(seen.add(two.links.nextSsrc(one.id)));
    }
    assertFalse(seen.contains(0));
    assertEquals(0, one.links.nextSsrc("f".repeat(32)));
  }

  @Test
  void theMediaPlaneHearsOfTransportsBeforeUpAndBeforeDown() throws InterruptedException {
    BlockingQueue<Object> order = new LinkedBlockingQueue<>();
    one.links.listenTransports((nodeId, transport) -> order.add(transport));
    one.links.listen(order::add);
    one.connect(two);
    OptionalLong transport = (OptionalLong) order.poll(5, TimeUnit.SECONDS);
    assertEquals(one.links.transportId(two.id), transport);
    assertEquals(new LinkTransport.Up(two.id), order.poll(5, TimeUnit.SECONDS));
    two.links.disconnect(one.id);
    assertEquals(OptionalLong.empty(), order.poll(5, TimeUnit.SECONDS));
    assertTrue(order.poll(5, TimeUnit.SECONDS) instanceof LinkTransport.Down);
  }

  private void linkUp() throws InterruptedException {
    one.connect(two);
    one.awaitUp(two);
    two.awaitUp(one);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not come true within 10 s");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
