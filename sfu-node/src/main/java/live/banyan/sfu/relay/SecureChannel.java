package live.banyan.sfu.relay;

import java.util.function.Consumer;
import live.banyan.sfu.dtls.DtlsListener;

/** DTLS of one link, as far as a link needs it. Safe from any thread; nothing here blocks. */
interface SecureChannel extends AutoCloseable {
  /** A datagram from the peer. */
  void receive(byte[] datagram);

  /**
   * Seals and sends one record of application data.
   *
   * @return false when the channel is not open
   */
  boolean send(byte[] data);

  /** Sends close_notify; {@link DtlsListener#onClosed} follows. */
  @Override
  void close();

  /** Opens channels with this node's certificate. */
  interface Factory {
    /**
     * Starts a handshake in which both ends show a certificate.
     *
     * @param client whether this end sends the client hello
     * @param peerFingerprint SHA-256 of the certificate that the peer must show
     * @param output takes datagrams for the peer
     */
    SecureChannel open(
        boolean client, String peerFingerprint, Consumer<byte[]> output, DtlsListener listener);
  }
}
