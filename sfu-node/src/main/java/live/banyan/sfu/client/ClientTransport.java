package live.banyan.sfu.client;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.random.RandomGenerator;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.ice.IceController;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.io.SocketAddresses;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.srtp.PacketCiphers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket with controlling ICE, DTLS and SRTP on it. Everything but {@link #open} and the
 * DTLS callbacks runs on the host's thread.
 */
final class ClientTransport {
  private static final Logger LOG = LoggerFactory.getLogger(ClientTransport.class);
  private static final int BUFFER_BYTES = 1 << 20;

  /** Datagrams read before other sessions get their turn. */
  private static final int RECEIVE_MAX = 64;

  private final ClientHost host;
  private final ClientMedia media;
  private final DatagramChannel channel;
  private final ClientSink sink;
  private final IceController ice;
  private final DtlsAssociation dtls;
  private final double receiveLoss;
  private final RandomGenerator lossRandom;
  private final EarlyMedia early = new EarlyMedia();
  private @Nullable PacketCipher cipher;
  private boolean handshaking;
  private boolean ended;
  private long dueNs;

  // Counted for reports and tests.
  private long dropped;

  private ClientTransport(
      ClientHost host,
      ClientMedia media,
      DatagramChannel channel,
      IceCredentials local,
      RemoteAnswer answer,
      ReceiveLoss loss) {
    this.host = host;
    this.media = media;
    this.channel = channel;
    this.sink = new ClientSink(channel);
    this.receiveLoss = loss.share();
    this.lossRandom = loss.random();
    long now = System.nanoTime();
    this.ice =
        new IceController(
            local, answer.credentials(), IceController.Nomination.AGGRESSIVE, host.random(), now);
    for (RemoteAnswer.Candidate candidate : answer.candidates()) {
      ice.addRemoteCandidate(
          SocketAddresses.high(candidate.address()),
          SocketAddresses.low(candidate.address()),
          candidate.port(),
          candidate.priority(),
          now);
    }
    this.dtls =
        answer.dtlsServer()
            ? host.dtls().client(answer.fingerprint(), this::sendLater, new Dtls())
            : host.dtls().server(answer.fingerprint(), this::sendLater, new Dtls());
    this.dueNs = now;
  }

  /** Opens the socket and begins connecting; called from any thread. */
  static ClientTransport open(
      ClientHost host,
      ClientMedia media,
      IceCredentials local,
      RemoteAnswer answer,
      ReceiveLoss loss)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
    channel.bind(new InetSocketAddress(0));
    ClientTransport transport = new ClientTransport(host, media, channel, local, answer, loss);
    host.loop().execute(transport::register);
    return transport;
  }

  private void register() {
    try {
      channel.register(host.loop().selector(), SelectionKey.OP_READ, this);
      host.loop().add(this);
    } catch (IOException e) {
      end("the socket cannot be used: " + e.getMessage());
    }
  }

  long dueNs() {
    return dueNs;
  }

  void poll(long nowNs) {
    if (ended) {
      return;
    }
    try {
      ice.poll(nowNs, sink);
      if (cipher != null) {
        media.poll(nowNs);
      }
      checkIce();
      schedule();
    } catch (RuntimeException e) {
      LOG.error("A client session failed", e);
      end("a bug in this program: " + e);
    }
  }

  private void schedule() {
    long ours = ice.nextDeadlineNs();
    long theirs = cipher == null ? Long.MAX_VALUE : media.nextDeadlineNs();
    if (ours == Long.MAX_VALUE || theirs == Long.MAX_VALUE) {
      dueNs = ours == Long.MAX_VALUE ? theirs : ours;
    } else {
      dueNs = ours - theirs < 0 ? ours : theirs;
    }
  }

  private void checkIce() {
    switch (ice.state()) {
      case CHECKING -> {}
      case CONNECTED -> {
        if (!handshaking) {
          handshaking = true;
          dtls.start();
        }
      }
      case FAILED ->
          end(
              ice.hasSelected()
                  ? "the node does not answer any more"
                  : "no UDP path to the node: check that a firewall lets UDP through");
    }
  }

  void receive() {
    ByteBuffer buffer = host.loop().receiveBuffer();
    try {
      for (int i = 0; i < RECEIVE_MAX && !ended; i++) {
        buffer.clear();
        SocketAddress from = channel.receive(buffer);
        if (!(from instanceof InetSocketAddress address)) {
          break;
        }
        handle(buffer, address, System.nanoTime());
      }
      if (!ended) {
        checkIce();
        schedule();
      }
    } catch (java.io.IOException e) {
      // A port that an ICMP message calls closed; ICE notices when nothing answers.
      dropped++;
    } catch (RuntimeException e) {
      LOG.error("A client session failed", e);
      end("a bug in this program: " + e);
    }
  }

  /** Demultiplexes by the first byte (RFC 7983). */
  private void handle(ByteBuffer buffer, InetSocketAddress from, long nowNs) {
    int length = buffer.position();
    int first = length == 0 ? 255 : buffer.get(0) & 0xff;
    if (first < 4) {
      ice.handleDatagram(
          host.loop().receiveMemory(),
          0,
          length,
          SocketAddresses.high(from.getAddress()),
          SocketAddresses.low(from.getAddress()),
          from.getPort(),
          nowNs,
          sink);
    } else if (first >= 20 && first < 64) {
      byte[] datagram = new byte[length];
      buffer.get(0, datagram);
      dtls.offer(datagram);
    } else if (first >= 128 && first < 192) {
      handleMedia(host.loop().receiveMemory(), length, nowNs);
    } else {
      dropped++;
    }
  }

  private void handleMedia(MemorySegment packet, int length, long nowNs) {
    if (receiveLoss > 0 && lossRandom.nextDouble() < receiveLoss) {
      dropped++;
      return;
    }
    PacketCipher keyed = cipher;
    if (keyed == null) {
      if (!early.hold(packet, length)) {
        dropped++;
      }
      return;
    }
    unprotect(keyed, packet, length, nowNs);
  }

  private void unprotect(PacketCipher keyed, MemorySegment packet, int length, long nowNs) {
    if (RtpHeader.isRtcp(packet, 0, length)) {
      int plain = keyed.unprotectRtcp(packet, 0, length);
      if (plain > 0) {
        media.onRtcp(packet, 0, plain, nowNs);
        return;
      }
    } else if (media.wantsPayload(packet, 0)) {
      int plain = keyed.unprotectRtp(packet, 0, length);
      int header = plain > 0 ? RtpHeader.check(packet, 0, plain) : -1;
      if (header > 0) {
        media.onRtp(packet, 0, plain, header, nowNs);
        return;
      }
    } else {
      int header = RtpHeader.checkHeader(packet, 0, length);
      if (header > 0) {
        RtpHeader.clearPadding(packet, 0); // its length is under the seal
        media.onRtp(packet, 0, length, header, nowNs);
        return;
      }
    }
    dropped++;
  }

  /** Takes in what came before the keys; patience with what is missing of it begins now. */
  private void replay(PacketCipher keyed, long nowNs) {
    MemorySegment memory = host.loop().receiveMemory();
    for (byte[] datagram; (datagram = early.poll()) != null; ) {
      MemorySegment.copy(datagram, 0, memory, ValueLayout.JAVA_BYTE, 0, datagram.length);
      unprotect(keyed, memory, datagram.length, nowNs);
    }
  }

  /** Memory that headers and RTCP are written to, at offset {@link #claim}. */
  MemorySegment memory() {
    return sink.memory();
  }

  /** Begins a packet to the node. @return where to write it */
  long claim() {
    return sink.claim(
        ice.selectedHigh(), ice.selectedLow(), ice.selectedPort(), (int) sink.memory().byteSize());
  }

  /** Protects and sends what {@link #claim} began: a header there, its payload elsewhere. */
  void sendRtp(
      long extendedSequence,
      long slot,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength) {
    PacketCipher keyed = cipher;
    if (keyed != null) {
      sink.commit(
          keyed.protectRtp(
              extendedSequence,
              sink.memory(),
              slot,
              headerLength,
              payload,
              payloadOffset,
              payloadLength));
    }
  }

  /** Protects and sends the RTCP compound at {@code slot}. */
  void sendRtcp(long slot, int length) {
    PacketCipher keyed = cipher;
    if (keyed != null) {
      sink.commit(keyed.protectRtcp(sink.memory(), slot, length));
    }
  }

  /** Round trip of the last connectivity check in nanoseconds, -1 before. */
  long roundTripNs() {
    return ice.roundTripNs();
  }

  /** Datagrams that were of no use, those lost on purpose included. */
  long dropped() {
    return dropped;
  }

  private void sendLater(byte[] datagram) {
    host.loop()
        .execute(
            () -> {
              if (!ended && ice.hasSelected()) {
                long slot = claim();
                MemorySegment.copy(
                    datagram, 0, sink.memory(), ValueLayout.JAVA_BYTE, slot, datagram.length);
                sink.commit(datagram.length);
              }
            });
  }

  /** Ends the transport from any thread, with a close_notify where there is somebody to tell. */
  void close() {
    dtls.close(); // which tells its listener, and that ends the rest
  }

  void end(String sentence) {
    if (ended) {
      return;
    }
    ended = true;
    dueNs = Long.MAX_VALUE;
    host.loop().remove(this);
    dtls.close();
    if (cipher != null) {
      cipher.close();
      cipher = null;
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing a socket failed", e);
    }
    media.onEnded(sentence);
  }

  private final class Dtls implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {
      host.loop()
          .execute(
              () -> {
                if (!ended) {
                  PacketCipher made = PacketCiphers.create(keys);
                  cipher = made;
                  long nowNs = System.nanoTime();
                  media.onConnected(ClientTransport.this, nowNs);
                  replay(made, nowNs);
                  schedule();
                }
                keys.wipe();
              });
    }

    @Override
    public void onApplicationData(byte[] data) {
      // Nodes send none to clients.
    }

    @Override
    public void onClosed(Ending ending) {
      host.loop()
          .execute(
              () ->
                  end(
                      switch (ending) {
                        case CLOSED -> "closed";
                        case CLOSED_BY_PEER -> "the node closed the session";
                        case WRONG_FINGERPRINT ->
                            "the node's certificate is not the one that its answer names";
                        case FAILED -> "the DTLS handshake failed";
                        case TIMED_OUT -> "the DTLS handshake did not finish in time";
                      }));
    }
  }
}
