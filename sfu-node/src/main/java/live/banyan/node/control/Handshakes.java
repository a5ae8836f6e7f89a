package live.banyan.node.control;

import java.util.function.Consumer;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;

/** DTLS towards clients, with this node's certificate. Safe from any thread. */
public interface Handshakes {
  /** Largest record of application data, in bytes. */
  int DATA_BYTES_MAX = DtlsAssociation.MESSAGE_BYTES_MAX;

  /** SHA-256 of this node's certificate, as in SDP. */
  String fingerprint();

  /**
   * Starts an association.
   *
   * @param server this node waits for the client hello
   * @param send takes datagrams for the peer
   * @param keyed told once, after the peer's certificate has been checked
   * @param data told of each record of application data; must not block long
   * @param ended told once, with a word on why; not after {@link Association#close()}
   */
  Association open(
      boolean server,
      String fingerprintAlgorithm,
      String fingerprint,
      Consumer<byte[]> send,
      Consumer<SrtpKeys> keyed,
      Consumer<byte[]> data,
      Consumer<String> ended);

  /** Makes the cipher for a transport; wipes the keys. */
  PacketCipher cipher(SrtpKeys keys);

  /** One running association. */
  interface Association {
    /** Takes a datagram of the peer; dropped and counted when the queue is full. */
    void receive(byte[] datagram);

    /** Seals and sends one record of application data; false when that is not possible now. */
    boolean send(byte[] data);

    /**
     * Sends close_notify and ends.
     *
     * @param closed run once that has been handed to {@code send}, on any thread: the path to the
     *     peer is needed until then
     */
    void close(Runnable closed);
  }
}
