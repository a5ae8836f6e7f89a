package live.banyan.sfu.relay;

/** Why an offer, an answer or a wish for a link was refused. One metric label value each. */
public enum OfferRefusal {
  MALFORMED("the offer is not what this version reads"),
  TOO_LONG("the offer is longer than 4 KiB"),
  VERSION("no common version"),
  UNKNOWN_NODE("the sender has no record in the directory"),
  WRONG_FINGERPRINT("the fingerprint is not the one in the sender's record"),
  TOO_MANY_CANDIDATES("more candidates than a link may check"),
  FOREIGN_CANDIDATE("a candidate that the sender's record does not announce"),
  UNREACHABLE_CANDIDATE(
      "only candidates at loopback, private or link-local addresses where this node is not"),
  GLARE("both ends offered; the offer of the lower node id counts"),
  RATE("too many offers of one node"),
  LINKS_FULL("as many links as this node keeps"),
  HANDSHAKES_FULL("as many handshakes as this node does at once"),
  CLOSING("the node is going away"),
  UNANSWERED("the peer did not answer the offer");

  private final String sentence;

  OfferRefusal(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
