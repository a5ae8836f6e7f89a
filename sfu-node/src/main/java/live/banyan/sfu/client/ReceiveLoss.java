package live.banyan.sfu.client;

import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Loss of media on purpose, for tests of repair: drops received RTP and RTCP before decryption.
 *
 * @param share 0 to 1
 * @param seed the same seed drops the same places of the same sequence of packets
 */
public record ReceiveLoss(double share, long seed) {
  /** Nothing is lost on purpose. */
  public static final ReceiveLoss NONE = new ReceiveLoss(0, 0);

  public ReceiveLoss {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("a loss of " + share + " is not 0 to 1");
    }
  }

  RandomGenerator random() {
    return new Random(seed);
  }
}
