package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.SrtpKeys;
import org.jspecify.annotations.Nullable;

/**
 * One whole handshake of this node with itself, in memory: offer, ICE, DTLS, cipher. The first real
 * link then does not pay for loading ice4j, Kotlin's runtime and Bouncy Castle, which takes longer
 * than the handshake itself by two orders of magnitude.
 */
final class LinkWarmUp {
  private static final long STEP_MS = 20_000;

  private final LinkContext context;
  private final NodeRecord self;

  LinkWarmUp(LinkContext context, NodeRecord self) {
    this.context = context;
    this.self = self;
  }

  /** Blocks until done. @return whether the handshake worked */
  boolean run() {
    try {
      return ice() && dtls();
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean ice() throws IOException, InterruptedException {
    // Addresses that nothing is sent to; they only tell the two ends apart.
    InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    InetSocketAddress there = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
    CountDownLatch connected = new CountDownLatch(2);
    AtomicReference<@Nullable IceSession> controlled = new AtomicReference<>();
    try (IceSession first = session(true, here, controlled::get, connected)) {
      try (IceSession second = session(false, there, () -> first, connected)) {
        controlled.set(second);
        start(second, first, here);
        start(first, second, there);
        return connected.await(STEP_MS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private IceSession session(
      boolean controlling,
      InetSocketAddress base,
      Supplier<@Nullable IceSession> other,
      CountDownLatch connected)
      throws IOException {
    return new IceSession(
        controlling,
        List.of(base),
        context.settings().checkPaceMs(),
        context.stand(),
        (datagram, to) -> {
          IceSession peer = other.get();
          if (peer != null) {
            peer.onStun(datagram, base);
          }
        },
        new IceSession.Outcome() {
          @Override
          public void connected(InetSocketAddress peer) {
            connected.countDown();
          }

          @Override
          public void failed() {
            // The wait for both ends runs out.
          }
        },
        new LongAdder());
  }

  /** Goes through the offer's text form, since a real link does. */
  private void start(IceSession session, IceSession peer, InetSocketAddress peerAddress) {
    LinkOffer offer =
        new LinkOffer(
            LinkMessage.VERSION_MIN,
            LinkMessage.VERSION_MAX,
            peer.credentials().ufrag(),
            peer.credentials().password(),
            self.fingerprint(),
            self.udp());
    if (LinkOffer.read(offer.encode()) instanceof LinkOffer read) {
      session.start(read.ufrag(), read.password(), List.of(peerAddress));
    }
  }

  private boolean dtls() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(2);
    AtomicReference<@Nullable SecureChannel> server = new AtomicReference<>();
    AtomicReference<@Nullable SecureChannel> client = new AtomicReference<>();
    try (SecureChannel second = open(false, client::get, done)) {
      server.set(second);
      try (SecureChannel first = open(true, server::get, done)) {
        client.set(first);
        return done.await(STEP_MS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private SecureChannel open(
      boolean asClient, Supplier<@Nullable SecureChannel> other, CountDownLatch done) {
    Consumer<byte[]> output =
        datagram -> {
          SecureChannel peer = other.get();
          if (peer != null) {
            peer.receive(datagram);
          }
        };
    return context
        .channels()
        .open(
            asClient,
            self.fingerprint(),
            output,
            new DtlsListener() {
              @Override
              public void onKeys(SrtpKeys keys) {
                context.ciphers().apply(keys).close();
                done.countDown();
              }

              @Override
              public void onApplicationData(byte[] data) {
                // None is sent.
              }

              @Override
              public void onClosed(Ending ending) {
                // The wait for both ends runs out, or has ended.
              }
            });
  }
}
