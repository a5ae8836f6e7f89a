package live.banyan.mesh.policy;

/** Why a volunteer's node does not carry something now. */
public enum Refusal {
  BLOCKED("the owner of this node has blocked it"),
  NOT_CHOSEN("the owner of this node has not chosen it"),
  OUT_OF_HOURS("this node rests at this time of the day"),
  MONTH_USED("this node has sent as much as it may this month"),
  UPLINK_FULL("this node's line is full"),
  RESERVED("what is left of this node's line is kept for what its owner has chosen"),
  CHANNEL_BUDGET("this channel has its share of this node already"),
  NETWORK_BUDGET("this network has its share of this node already"),
  TOO_MANY("this node serves as many as it may");

  private final String sentence;

  Refusal(String sentence) {
    this.sentence = sentence;
  }

  /** For people, without a full stop. */
  public String sentence() {
    return sentence;
  }
}
