package live.banyan.sfu.dtls;

import live.banyan.sfu.packet.SrtpKeys;

/** What becomes of a DTLS association. Called on its virtual thread; may block shortly. */
public interface DtlsListener {
  /** The handshake is done and the peer's certificate has the fingerprint that signalling named. */
  void onKeys(SrtpKeys keys);

  /** A record of application data: control messages on relay links. At most 1,200 bytes. */
  void onApplicationData(byte[] data);

  /** The association ended; called once. */
  void onClosed(Ending ending);

  /** How an association ended. */
  enum Ending {
    /** close_notify from the peer. */
    CLOSED_BY_PEER,
    /** Closed from this end. */
    CLOSED,
    /** The certificate does not match the fingerprint of the signalling. */
    WRONG_FINGERPRINT,
    /** No common version, cipher or SRTP profile; a malformed flight; a fatal alert. */
    FAILED,
    /** The handshake did not finish in time. */
    TIMED_OUT
  }
}
