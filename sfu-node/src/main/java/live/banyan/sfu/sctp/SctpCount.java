package live.banyan.sfu.sctp;

/** What associations count. Declared once, with the sentence that an operator reads. */
public enum SctpCount {
  ASSOCIATIONS_UP("associations that came up"),
  ASSOCIATIONS_FAILED("associations that ended otherwise than by a good-bye"),
  PACKETS_IN("packets received"),
  PACKETS_OUT("packets sent"),
  MESSAGES_IN("messages received whole"),
  MESSAGES_OUT("messages taken for sending"),
  RETRANSMITTED("fragments sent again"),
  TIMEOUTS("times that nothing was acknowledged in time"),
  DUPLICATES("fragments that were here already"),
  ABANDONED("messages given up because their channel allows it"),
  REFUSED_BUFFER("messages refused because the peer does not keep up"),
  REFUSED_SIZE("messages refused because they are larger than the peer takes"),
  REFUSED_CHANNEL("messages and channels refused because there is no such channel or no room"),
  DROPPED_CHECKSUM("packets whose checksum does not fit"),
  DROPPED_MALFORMED("packets that cannot be read"),
  DROPPED_TAG("packets of another association"),
  DROPPED_STATE("chunks that make no sense now"),
  DROPPED_WINDOW("fragments beyond the receive window");

  private final String sentence;

  SctpCount(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
