package live.banyan.sfu.relay;

import java.util.function.Consumer;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.dtls.DtlsListener;

/** Channels over the node's DTLS endpoint. */
record DtlsChannels(DtlsEndpoint endpoint) implements SecureChannel.Factory {
  @Override
  public SecureChannel open(
      boolean client, String peerFingerprint, Consumer<byte[]> output, DtlsListener listener) {
    DtlsFingerprint expected =
        DtlsFingerprint.of("sha-256", peerFingerprint)
            .orElseThrow(() -> new IllegalArgumentException("no fingerprint: " + peerFingerprint));
    DtlsAssociation association =
        client
            ? endpoint.client(expected, output, listener)
            : endpoint.server(expected, output, listener);
    association.start();
    return new Channel(association);
  }

  private record Channel(DtlsAssociation association) implements SecureChannel {
    @Override
    public void receive(byte[] datagram) {
      association.offer(datagram);
    }

    @Override
    public boolean send(byte[] data) {
      return association.send(data);
    }

    @Override
    public void close() {
      association.close();
    }
  }
}
