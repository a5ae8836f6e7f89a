package live.banyan.sfu.relay;

import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.ShardCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Link messages over the DTLS of one link, from datagrams that come before the handshake to
 * close_notify. Safe from any thread, except that one thread opens and closes it.
 */
final class LinkChannel {
  private static final Logger LOG = LoggerFactory.getLogger(LinkChannel.class);

  /** A client hello may be here before this end knows that ICE is done. */
  private static final int EARLY_MAX = 8;

  /** How long BYE and close_notify may take to leave before the transport is closed. */
  private static final long FAREWELL_MS = 200;

  private final long transportId;
  private final LinkContext context;
  private final Events events;
  private final Queue<byte[]> early = new ArrayBlockingQueue<>(EARLY_MAX);
  private final CountDownLatch closed = new CountDownLatch(1);

  private volatile @Nullable SecureChannel dtls;
  private volatile int version = LinkMessage.VERSION_MAX;
  private volatile long lastDatagramNs;

  /** What DTLS says; called on the loop's thread, except where a method says otherwise. */
  interface Events {
    /** The handshake is done; whoever takes the cipher closes it. */
    void secured(PacketCipher cipher);

    void message(LinkMessage message);

    /** A packet of the data channels; the channel's thread. */
    void data(byte[] packet);

    void closed(String sentence);
  }

  LinkChannel(long transportId, LinkContext context, Events events, long nowNs) {
    this.transportId = transportId;
    this.context = context;
    this.events = events;
    this.lastDatagramNs = nowNs;
  }

  /**
   * Begins the handshake; there is a path for it now.
   *
   * @param client whether this end sends the client hello
   * @param peerFingerprint SHA-256 of the certificate that the peer must show
   */
  void open(boolean client, String peerFingerprint) {
    dtls =
        context
            .channels()
            .open(
                client,
                peerFingerprint,
                datagram -> context.commands().accept(new ShardCommand.Send(transportId, datagram)),
                new Listener());
    drainEarly();
  }

  /** The version of the link protocol that both ends know. */
  void speak(int agreed) {
    version = agreed;
  }

  /** Takes a datagram of the peer. */
  void receive(byte[] datagram) {
    lastDatagramNs = System.nanoTime();
    SecureChannel open = dtls;
    if (open != null) {
      open.receive(datagram);
      return;
    }
    if (!early.offer(datagram)) {
      context.counters().of(LinkCount.DTLS_DROPPED).increment();
    }
    // The channel may have opened between the two lines above.
    drainEarly();
  }

  private void drainEarly() {
    SecureChannel open = dtls;
    if (open == null) {
      return;
    }
    for (byte[] datagram = early.poll(); datagram != null; datagram = early.poll()) {
      open.receive(datagram);
    }
  }

  /** When the last datagram came, read or not; when the link began, before the first. */
  long lastDatagramNs() {
    return lastDatagramNs;
  }

  /**
   * Sends a message.
   *
   * @return false when the channel is not open
   */
  boolean send(LinkMessage message) {
    SecureChannel open = dtls;
    return open != null && open.send(LinkMessage.encode(message, version));
  }

  /** Sends close_notify and waits a little until it has left; blocks. */
  void close() {
    SecureChannel open = dtls;
    if (open == null) {
      return;
    }
    open.close();
    try {
      if (!closed.await(FAREWELL_MS, TimeUnit.MILLISECONDS)) {
        LOG.debug("a link's DTLS took longer than {} ms to close", FAREWELL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Hands what DTLS says over to the loop. */
  private final class Listener implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {
      PacketCipher cipher = context.ciphers().apply(keys);
      keys.wipe();
      if (!context.loop().control(() -> events.secured(cipher))) {
        cipher.close();
      }
    }

    @Override
    public void onApplicationData(byte[] data) {
      LinkMessage message = LinkMessage.decode(data);
      if (message == null) {
        context.counters().of(LinkCount.MESSAGES_MALFORMED).increment();
      } else if (message instanceof LinkMessage.Data packet) {
        // They come by the hundred, and the loop's time is for heartbeats.
        events.data(packet.packet());
      } else if (!context.loop().data(() -> events.message(message))) {
        context.counters().of(LinkCount.MESSAGES_DROPPED).increment();
      }
    }

    @Override
    public void onClosed(Ending ending) {
      closed.countDown();
      context.loop().control(() -> events.closed(sentence(ending)));
    }

    private String sentence(Ending ending) {
      return switch (ending) {
        case CLOSED_BY_PEER -> "the peer closed the link";
        case CLOSED -> "closed here";
        case WRONG_FINGERPRINT -> "the peer's certificate is not the one in its record";
        case FAILED -> "the DTLS handshake failed";
        case TIMED_OUT -> "the DTLS handshake took too long";
      };
    }
  }
}
