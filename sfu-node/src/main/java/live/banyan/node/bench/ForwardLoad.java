package live.banyan.node.bench;

/**
 * What is forwarded: one broadcast in frame bursts, to so many subscribers.
 *
 * @param packetsPerSecond of the broadcast
 */
record ForwardLoad(int subscribers, int packetsPerSecond) {
  /** UDP payload of each packet: what encoders make of an Ethernet frame. */
  static final int DATAGRAM_BYTES = 1_200;

  static final int FRAMES_PER_SECOND = 30;

  ForwardLoad {
    if (subscribers < 1 || subscribers > 2_000 || packetsPerSecond < FRAMES_PER_SECOND) {
      throw new IllegalArgumentException(
          "1 to 2000 subscribers, at least " + FRAMES_PER_SECOND + " packets a second");
    }
  }

  long bitrateBps() {
    return packetsPerSecond * 8L * DATAGRAM_BYTES;
  }
}
