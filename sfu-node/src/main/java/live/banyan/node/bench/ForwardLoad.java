package live.banyan.node.bench;

/**
 * What is forwarded: broadcasts in frame bursts, each to so many subscribers.
 *
 * @param streams broadcasts
 * @param subscribers of each broadcast
 * @param packetsPerSecond of each broadcast
 * @param relayed whether they come over one link and the subscribers are nodes that take all of
 *     them, each over one link; else each broadcast has subscribers of its own
 */
record ForwardLoad(int streams, int subscribers, int packetsPerSecond, boolean relayed) {
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
    return new ForwardLoad(1, subscribers, packetsPerSecond, false);
  }

  /** A meeting: everybody publishes, and receives everybody else. */
  static ForwardLoad conference(int participants, int packetsPerSecond) {
    return new ForwardLoad(participants, participants - 1, packetsPerSecond, false);
  }

  /** A node within the tree: 200 broadcasts come from its parent, and go to each of 3 children. */
  static ForwardLoad relay(int packetsPerSecond) {
    return new ForwardLoad(200, 3, packetsPerSecond, true);
  }

  /** What a broadcast is called. */
  static String name(int stream) {
    return "bench" + stream;
  }

  /** All subscribers of all broadcasts. */
  int subscriptions() {
    return streams * subscribers;
  }

  /** Far ends that packets leave for. */
  int destinations() {
    return relayed ? subscribers : subscriptions();
  }

  /** Of each broadcast. */
  long bitrateBps() {
    return packetsPerSecond * 8L * DATAGRAM_BYTES;
  }
}
