package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import live.banyan.mesh.Directory;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.srtp.PacketCiphers;

/** One end of a link in a test. */
final class LinkNode implements AutoCloseable {
  final String id;
  final FakeShard shard;
  final RelayLinks links;
  final Directory directory;
  final BlockingQueue<LinkTransport.LinkEvent> events = new LinkedBlockingQueue<>();

  LinkNode(FakeSite site, int number) throws IOException {
    this(site, number, LinkSettings.defaults());
  }

  LinkNode(FakeSite site, int number, LinkSettings settings) throws IOException {
    this(site, number, settings, DtlsIdentity.generate(new SecureRandom()));
  }

  private LinkNode(FakeSite site, int number, LinkSettings settings, DtlsIdentity identity)
      throws IOException {
    this(
        site,
        number,
        settings,
        identity.fingerprint().value(),
        new DtlsChannels(new DtlsEndpoint(identity, DtlsLimits.defaults(), new SecureRandom())));
  }

  LinkNode(
      FakeSite site,
      int number,
      LinkSettings settings,
      String fingerprint,
      SecureChannel.Factory channels)
      throws IOException {
    id = id(number);
    shard = new FakeShard();
    directory =
        site.join(
            new NodeRecord(
                id, "http://127.0.0.1:1", List.of(shard.announced()), fingerprint, 4, false, 0));
    AtomicLong transports = new AtomicLong(100L * number);
    links =
        new RelayLinks(
            directory,
            settings,
            transports::incrementAndGet,
            shard,
            channels,
            keys -> PacketCiphers.create(keys, RelayLinks.SSRCS_MAX));
    links.listen(events::add);
    shard.events(links::onShardEvent);
  }

  static String id(int number) {
    return "%032x".formatted(number);
  }

  static String fingerprint(int number) {
    return ("%02X:".formatted(number)).repeat(31) + "%02X".formatted(number);
  }

  NodeRecord record() {
    return directory.self();
  }

  void connect(LinkNode peer) {
    links.connect(peer.record());
  }

  /** Waits for the next event but messages. */
  LinkTransport.LinkEvent next() throws InterruptedException {
    LinkTransport.LinkEvent event;
    do {
      event = events.poll(10, TimeUnit.SECONDS);
      assertNotNull(event, "no event of node " + id + " within 10 s");
    } while (event instanceof LinkTransport.Received);
    return event;
  }

  void awaitUp(LinkNode peer) throws InterruptedException {
    assertEquals(new LinkTransport.Up(peer.id), next());
  }

  String awaitDown(LinkNode peer) throws InterruptedException {
    LinkTransport.Down down = assertInstanceOf(LinkTransport.Down.class, next());
    assertEquals(peer.id, down.nodeId());
    return down.sentence();
  }

  byte[] awaitMessage() throws InterruptedException {
    LinkTransport.LinkEvent event = events.poll(10, TimeUnit.SECONDS);
    return assertInstanceOf(LinkTransport.Received.class, event).message();
  }

  void assertNoEventWithin(long ms) throws InterruptedException {
    assertNull(events.poll(ms, TimeUnit.MILLISECONDS));
  }

  /** kill -9, as the others see it. */
  void kill() {
    shard.dead = true;
  }

  @Override
  public void close() {
    links.close();
    shard.close();
  }
}
