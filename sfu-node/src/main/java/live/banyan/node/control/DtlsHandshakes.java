package live.banyan.node.control;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;

/** {@link Handshakes} over this node's {@link DtlsEndpoint}. */
public final class DtlsHandshakes implements Handshakes {
  private final DtlsEndpoint endpoint;
  private final Function<SrtpKeys, PacketCipher> ciphers;

  public DtlsHandshakes(DtlsEndpoint endpoint, Function<SrtpKeys, PacketCipher> ciphers) {
    this.endpoint = endpoint;
    this.ciphers = ciphers;
  }

  @Override
  public String fingerprint() {
    return endpoint.identity().fingerprint().value();
  }

  @Override
  public Association open(
      boolean server,
      String fingerprintAlgorithm,
      String fingerprint,
      Consumer<byte[]> send,
      Consumer<SrtpKeys> keyed,
      Consumer<byte[]> data,
      Consumer<String> ended) {
    Optional<DtlsFingerprint> expected = DtlsFingerprint.of(fingerprintAlgorithm, fingerprint);
    if (expected.isEmpty()) {
      // Signalling refuses such offers; whatever slipped through is ended, never trusted.
      ended.accept("the fingerprint cannot be used");
      return new Nothing();
    }
    CompletableFuture<Void> closed = new CompletableFuture<>();
    DtlsListener listener = new Listener(keyed, data, ended, closed);
    DtlsAssociation association =
        server
            ? endpoint.server(expected.get(), send, listener)
            : endpoint.client(expected.get(), send, listener);
    association.start();
    return new Running(association, closed);
  }

  @Override
  public PacketCipher cipher(SrtpKeys keys) {
    return ciphers.apply(keys);
  }

  private record Running(DtlsAssociation association, CompletableFuture<Void> closed)
      implements Association {
    @Override
    public void receive(byte[] datagram) {
      association.offer(datagram);
    }

    @Override
    public boolean send(byte[] data) {
      return association.send(data);
    }

    @Override
    public void close(Runnable then) {
      association.close();
      var unused = closed.thenRun(then);
    }
  }

  private record Nothing() implements Association {
    @Override
    public void receive(byte[] datagram) {}

    @Override
    public boolean send(byte[] data) {
      return false;
    }

    @Override
    public void close(Runnable closed) {
      closed.run();
    }
  }

  private record Listener(
      Consumer<SrtpKeys> keyed,
      Consumer<byte[]> data,
      Consumer<String> ended,
      CompletableFuture<Void> closed)
      implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {
      keyed.accept(keys);
    }

    @Override
    public void onApplicationData(byte[] message) {
      data.accept(message);
    }

    @Override
    public void onClosed(Ending ending) {
      closed.complete(null);
      ended.accept("DTLS: " + ending.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
  }
}
