package live.banyan.sfu.shard;

/**
 * The SSRCs that a link has been told to forget last: their packets are late, not early. A link
 * never uses an SSRC twice. Not thread safe.
 */
final class FormerSsrcs {
  /** A few streams of a few layers, RTX included. */
  static final int CAPACITY = 64;

  private int[] ssrcs = new int[0];
  private int next;

  /** Notes an SSRC, over the oldest. */
  void add(int ssrc) {
    if (ssrcs.length == 0) {
      ssrcs = new int[CAPACITY];
    }
    ssrcs[next] = ssrc;
    next = (next + 1) % CAPACITY;
  }

  /** Whether an SSRC other than 0 is among them. */
  boolean contains(int ssrc) {
    for (int former : ssrcs) {
      if (former == ssrc && ssrc != 0) {
        return true;
      }
    }
    return false;
  }
}
