package live.banyan.node.data;

/** What the data plane counts. Declared once, with the sentence that an operator reads. */
public enum DataCount {
  MESSAGES_PUBLISHED("messages taken from publishers' channels"),
  MESSAGES_RELAYED_IN("messages taken from parent nodes"),
  MESSAGES_TO_VIEWERS("messages handed to viewers' channels"),
  MESSAGES_TO_NODES("messages handed to child nodes"),
  LAYERS_TOLD("times that a publisher was told which layers are watched"),
  NEEDS_TOLD("times that a parent node was told which layers are needed here"),
  NEEDS_HEARD("times that a child node has told which layers it needs"),
  DROPPED_RATE("messages beyond what a stream may carry per second"),
  DROPPED_BEHIND("messages for a viewer or node that is not up, or does not keep up"),
  DROPPED_VIEWER("messages of viewers, which go nowhere"),
  DROPPED_REPEATED("messages that came over a second parent, or far too late"),
  DROPPED_STRANGER("messages of nodes that are no parent of the stream"),
  DROPPED_MALFORMED("messages of nodes that cannot be read"),
  DROPPED_QUEUE("packets that found the data thread's queue full"),
  DROPPED_SENDS("packets beyond what data channels may send per second");

  private final String sentence;

  DataCount(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
