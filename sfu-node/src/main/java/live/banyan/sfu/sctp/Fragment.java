package live.banyan.sfu.sctp;

/** A TSN that has been given to a piece of a message. */
final class Fragment {
  /** Where it is. */
  enum State {
    IN_FLIGHT,
    /** In a gap block: it has arrived, something before it has not. */
    ARRIVED,
    /** To be sent again. */
    LOST,
    ABANDONED
  }

  final long tsn;
  final OutMessage message;
  final int from;
  final int length;
  State state = State.IN_FLIGHT;
  int sent;
  int missing;
  boolean fastRetransmitted;
  long sentAtNs;

  Fragment(long tsn, OutMessage message, int from, int length) {
    this.tsn = tsn;
    this.message = message;
    this.from = from;
    this.length = length;
  }

  int flags() {
    boolean begin = from == 0;
    boolean end = from + length == message.data.length;
    return (message.unordered ? 4 : 0) | (begin ? 2 : 0) | (end ? 1 : 0) | (end ? 8 : 0);
  }
}
