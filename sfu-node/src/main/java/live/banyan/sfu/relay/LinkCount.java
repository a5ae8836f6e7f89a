package live.banyan.sfu.relay;

/** What the links of a node count. One metric each. */
public enum LinkCount {
  OFFERS_SENT("offers sent to other nodes"),
  OFFERS_RECEIVED("offers received from other nodes"),
  LINKS_UP("links that came up"),
  LINKS_SILENT("links that ended because the peer was silent"),
  LINKS_CLOSED_BY_PEER("links that the peer closed"),
  HANDSHAKES_FAILED("links that never came up"),
  CANDIDATES_SKIPPED("candidates not probed because this node does not stand in their scope"),
  STUN_DROPPED("STUN of links that did not parse, or beyond the queue of a handshake"),
  DTLS_DROPPED("DTLS datagrams that came before there was an association, beyond the queue"),
  MESSAGES_MALFORMED("control datagrams that did not parse"),
  MESSAGES_DROPPED("control datagrams dropped because a queue was full");

  private final String sentence;

  LinkCount(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
