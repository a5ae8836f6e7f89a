package live.banyan.node.bench;

/**
 * What is forwarded: broadcasts in frame bursts, each to so many subscribers of its own.
 *
 * @param streams broadcasts
 * @param subscribers of each broadcast
 * @param packetsPerSecond of each broadcast
 */
record ForwardLoad(int streams, int subscribers, int packetsPerSecond) {
  /** UDP payload of each packet: what encoders make of an Ethernet frame. */
  static final int DATAGRAM_BYTES = 1_200;

  static final int FRAMES_PER_SECOND = 30;

  private static final int SUBSCRIPTIONS_MAX = 2_000;

  ForwardLoad {
    if (streams < 1
        || subscribers < 1
        || streams > SUBSCRIPTIONS_MAX / subscribers
        || packetsPerSecond < FRAMES_PER_SECOND) {
      throw new IllegalArgumentException(
          "1 to "
              + SUBSCRIPTIONS_MAX
              + " subscriptions, at least "
              + FRAMES_PER_SECOND
              + " packets a second");
    }
  }

  /** One broadcast. */
  static ForwardLoad broadcast(int subscribers, int packetsPerSecond) {
    return new ForwardLoad(1, subscribers, packetsPerSecond);
  }

  /** A meeting: everybody publishes, and receives everybody else. */
  static ForwardLoad conference(int participants, int packetsPerSecond) {
    return new ForwardLoad(participants, participants - 1, packetsPerSecond);
  }

  /** All subscribers of all broadcasts. */
  int subscriptions() {
    return streams * subscribers;
  }

  /** Of each broadcast. */
  long bitrateBps() {
    return packetsPerSecond * 8L * DATAGRAM_BYTES;
  }
}
