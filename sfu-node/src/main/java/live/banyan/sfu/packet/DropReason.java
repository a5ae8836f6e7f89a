package live.banyan.sfu.packet;

/** Why a datagram, or a part of one, went no further. One metric label value each. */
public enum DropReason {
  EMPTY("zero-length datagram"),
  UNKNOWN_PROTOCOL("first byte belongs to no protocol of RFC 7983 that this node speaks"),
  UNKNOWN_PEER("no transport for the sender's address"),
  STUN_MALFORMED("STUN that does not parse"),
  STUN_UNKNOWN_USER("STUN for a user fragment that is not ours"),
  STUN_FORGED("STUN whose MESSAGE-INTEGRITY or FINGERPRINT does not verify"),
  DTLS_OVERFLOW("DTLS records beyond what a handshake may queue"),
  DTLS_MALFORMED("not whole DTLS records"),
  SRTP_NO_KEYS("media before the handshake finished"),
  SRTP_FORGED("SRTP or SRTCP that fails authentication"),
  SRTP_REPLAYED("SRTP or SRTCP seen before, or too old to tell"),
  RTP_MALFORMED("RTP that does not parse"),
  RTP_UNKNOWN_SSRC("RTP that belongs to no negotiated track"),
  RTP_DUPLICATE("RTP that the packet cache holds already"),
  RTP_TOO_OLD("RTP older than the packet cache reaches"),
  RTCP_MALFORMED("RTCP that does not parse"),
  EPOCH_OLD("media of an ingest that has been replaced"),
  SEND_REFUSED("the kernel did not take the datagram"),
  QUEUE_FULL("a bounded queue was full"),
  MTU("packet larger than a slot");

  private final String sentence;

  DropReason(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
