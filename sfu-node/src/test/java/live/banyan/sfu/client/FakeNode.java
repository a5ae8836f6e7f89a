package live.banyan.sfu.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.ice.IceLite;
import live.banyan.sfu.ice.StunMessage;
import live.banyan.sfu.ice.StunWriter;
import live.banyan.sfu.io.SocketAddresses;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.SequenceExtender;
import live.banyan.sfu.srtp.PacketCiphers;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.sdp.AnswerWriter;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.Negotiator;
import live.banyan.signaling.sdp.SdpParser;
import live.banyan.signaling.sdp.SdpWriter;
import org.jspecify.annotations.Nullable;

/**
 * The least that a WHIP publisher and a WHEP viewer can meet at: answers, ICE-lite, DTLS, and every
 * packet of the one passed on to the others and back, re-encrypted and otherwise untouched, which
 * both ends' equal offers allow. One thread for UDP.
 */
final class FakeNode implements AutoCloseable {
  /** Its record type, RFC 5246 §6.2.1. */
  private static final int CHANGE_CIPHER_SPEC = 20;

  private final SecureRandom random = new SecureRandom();
  private final DtlsEndpoint dtls =
      new DtlsEndpoint(DtlsIdentity.generate(random), DtlsLimits.defaults(), random);
  private final HttpServer http;
  private final DatagramSocket socket;
  private final Map<Long, Peer> byUfrag = new HashMap<>();
  private final Map<SocketAddress, Peer> byAddress = new HashMap<>();
  private final MemorySegment in = Arena.ofAuto().allocate(2048);
  private final MemorySegment out = Arena.ofAuto().allocate(2048);
  private final Random loss = new Random(5);

  /** Share of RTP from the publisher that vanishes before anybody sees it. */
  volatile double publisherLoss;

  /** Methods and paths of requests. */
  final LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();

  volatile int refuseWith;

  /** Packets of a keyframe that overtake the last flight of a viewer's handshake. */
  volatile int greeting;

  /** A publisher or viewer. */
  private final class Peer implements DtlsListener {
    final boolean publishes;
    final IceLite ice;
    final DtlsAssociation association;
    private final int videoPayloadType;
    private final Queue<byte[]> withheld = new ConcurrentLinkedQueue<>();
    final Map<Integer, SequenceExtender> sequences = new HashMap<>();
    volatile @Nullable SocketAddress address;
    volatile @Nullable PacketCipher cipher;

    Peer(boolean publishes, IceCredentials local, MediaPlane.RemoteSession remote) {
      this.publishes = publishes;
      videoPayloadType =
          remote.media().stream()
              .filter(media -> media.kind() == MediaPlane.Kind.VIDEO)
              .map(media -> media.codecs().getFirst().payloadType())
              .findFirst()
              .orElse(0);
      ice = new IceLite(local, new IceCredentials(remote.iceUfrag(), remote.icePassword()));
      association =
          dtls.server(
              DtlsFingerprint.of(remote.fingerprintAlgorithm(), remote.fingerprint()).orElseThrow(),
              this::sendDtls,
              this);
    }

    private void sendDtls(byte[] datagram) {
      boolean last = !withheld.isEmpty() || datagram[0] == CHANGE_CIPHER_SPEC;
      if (greeting > 0 && !publishes && cipher == null && last) {
        withheld.add(datagram);
      } else {
        send(datagram);
      }
    }

    void send(byte[] datagram) {
      SocketAddress to = address;
      if (to != null) {
        try {
          socket.send(new DatagramPacket(datagram, datagram.length, to));
        } catch (IOException e) {
          // the node is closing
        }
      }
    }

    @Override
    public void onKeys(SrtpKeys keys) {
      synchronized (FakeNode.this) {
        PacketCipher made = PacketCiphers.create(keys);
        for (int i = 0; i < greeting && !publishes; i++) {
          greet(made, i, i == greeting - 1);
        }
        cipher = made;
        withheld.forEach(this::send);
      }
    }

    private void greet(PacketCipher sealer, int sequence, boolean last) {
      byte[] vp8 = {(byte) (sequence == 0 ? 0x10 : 0), 0, 0, 0, (byte) 0x9d, 1, 0x2a, 0, 1, 0, 1};
      RtpHeader.write(out, 0, last, videoPayloadType, sequence, 90_000, 0x600d);
      MemorySegment.copy(vp8, 0, in, ValueLayout.JAVA_BYTE, 0, vp8.length);
      int sealed = sealer.protectRtp(sequence, out, 0, 12, in, 0, vp8.length);
      byte[] bytes = new byte[sealed];
      MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, bytes, 0, sealed);
      send(bytes);
    }

    @Override
    public void onApplicationData(byte[] data) {}

    @Override
    public void onClosed(Ending ending) {
      synchronized (FakeNode.this) {
        cipher = null;
      }
    }
  }

  FakeNode() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    socket = new DatagramSocket(0, loopback);
    socket.setReceiveBufferSize(4 << 20);
    http = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::handle);
    http.start();
    Thread.ofVirtual().start(this::receive);
  }

  URI whip() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/whip/test");
  }

  URI whep() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/whep/test");
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(exchange.getRequestMethod() + " " + path);
      String offer = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.sendResponseHeaders(200, -1);
      } else if (refuseWith != 0) {
        byte[] problem = "{\"detail\":\"Ask somebody else.\"}".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/problem+json");
        exchange.sendResponseHeaders(refuseWith, problem.length);
        exchange.getResponseBody().write(problem);
      } else {
        byte[] answer = open(path.startsWith("/whip"), offer).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Location", "/sessions/" + byUfrag.size());
        exchange.sendResponseHeaders(201, answer.length);
        exchange.getResponseBody().write(answer);
      }
    }
  }

  private synchronized String open(boolean publishes, String sdp) {
    var offer = ((SdpParser.Parsed) SdpParser.parse(sdp)).description();
    Negotiation negotiation =
        publishes
            ? Negotiator.publish(offer)
            : Negotiator.watch(
                offer,
                List.of(
                    new MediaPlane.TrackDescription(MediaPlane.Kind.VIDEO, "VP8", 90_000, 1, ""),
                    new MediaPlane.TrackDescription(MediaPlane.Kind.AUDIO, "opus", 48_000, 2, "")));
    if (!(negotiation instanceof Negotiation.Agreed agreed)) {
      throw new AssertionError("refused: " + negotiation);
    }
    IceCredentials local = IceCredentials.generate(random);
    Peer peer = new Peer(publishes, local, agreed.remote());
    byUfrag.put(peer.ice.localUfragKey(), peer);
    return SdpWriter.write(
        AnswerWriter.answer(
            agreed,
            new MediaPlane.Opened(
                new MediaPlane.LocalIce(
                    local.ufrag(),
                    local.password(),
                    List.of(new MediaPlane.HostCandidate("127.0.0.1", socket.getLocalPort()))),
                dtls.identity().fingerprint().value(),
                Map.of()),
            1));
  }

  private void receive() {
    byte[] buffer = new byte[2048];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        synchronized (this) {
          handle(
              Arrays.copyOf(buffer, packet.getLength()),
              (InetSocketAddress) packet.getSocketAddress());
        }
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void handle(byte[] datagram, InetSocketAddress from) {
    MemorySegment.copy(datagram, 0, in, ValueLayout.JAVA_BYTE, 0, datagram.length);
    int first = datagram[0] & 0xff;
    Peer peer = byAddress.get(from);
    if (first < 4) {
      stun(datagram.length, from);
    } else if (peer != null && first < 64) {
      peer.association.offer(datagram);
    } else if (peer != null && first >= 128) {
      PacketCipher cipher = peer.cipher;
      if (cipher != null) {
        forward(peer, cipher, datagram.length);
      }
    }
  }

  private void stun(int length, InetSocketAddress from) {
    StunMessage message = new StunMessage();
    if (!message.parse(in, 0, length) || !message.isRequest()) {
      return;
    }
    Peer peer = byUfrag.get(message.localUfragKey());
    if (peer == null) {
      return;
    }
    StunWriter response = new StunWriter();
    IceLite.Outcome outcome =
        peer.ice.answer(
            message,
            response,
            SocketAddresses.high(from.getAddress()),
            SocketAddresses.low(from.getAddress()),
            from.getPort());
    if (outcome == IceLite.Outcome.NOMINATED) {
      peer.address = from;
      byAddress.put(from, peer);
      byte[] bytes = new byte[response.length()];
      response.copyTo(out, 0);
      MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
      peer.send(bytes);
    }
  }

  private void forward(Peer from, PacketCipher cipher, int length) {
    boolean rtcp = RtpHeader.isRtcp(in, 0, length);
    int plain = rtcp ? cipher.unprotectRtcp(in, 0, length) : cipher.unprotectRtp(in, 0, length);
    boolean lost = !rtcp && from.publishes && loss.nextDouble() < publisherLoss;
    if (plain <= 0 || lost) {
      return;
    }
    for (Peer to : byUfrag.values()) {
      PacketCipher sealer = to.cipher;
      if (to.publishes == from.publishes || sealer == null) {
        continue;
      }
      MemorySegment.copy(in, 0, out, 0, plain);
      int sealed;
      if (rtcp) {
        sealed = sealer.protectRtcp(out, 0, plain);
      } else {
        int header = RtpHeader.headerLength(in, 0);
        long index =
            to.sequences
                .computeIfAbsent(RtpHeader.ssrc(in, 0), ssrc -> new SequenceExtender())
                .extend(RtpHeader.sequence(in, 0));
        sealed = sealer.protectRtp(index, out, 0, header, in, header, plain - header);
      }
      byte[] bytes = new byte[sealed];
      MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, bytes, 0, sealed);
      to.send(bytes);
    }
  }

  /** Forgets every session, as a node that was killed. */
  synchronized void forget() {
    byAddress.clear();
    byUfrag.clear();
  }

  @Override
  public void close() {
    http.stop(0);
    socket.close();
  }
}
