package live.banyan.sfu.srtp;

import org.jspecify.annotations.Nullable;

/**
 * Replay windows by SSRC: open addressing, only ever growing up to a bound. An entry is made by an
 * authenticated packet alone, so a stranger cannot fill the table. Nothing is evicted: with its
 * window an SSRC would lose its protection against replay.
 */
final class SsrcWindows {
  private final int limit;
  private int[] ssrcs = new int[8];
  private @Nullable ReplayWindow[] windows = new ReplayWindow[8];
  private int count;

  /**
   * @param limit most SSRCs, at least 1
   */
  SsrcWindows(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit of " + limit);
    }
    this.limit = limit;
  }

  @Nullable ReplayWindow find(int ssrc) {
    return windows[place(ssrc)];
  }

  boolean isFull() {
    return count == limit;
  }

  /** Adds an SSRC that is not there, to a table that is not full. */
  void add(int ssrc, ReplayWindow window) {
    // Half empty, so that a search ends soon.
    if (2 * (count + 1) > ssrcs.length) {
      grow();
    }
    int place = place(ssrc);
    ssrcs[place] = ssrc;
    windows[place] = window;
    count++;
  }

  private void grow() {
    int[] oldSsrcs = ssrcs;
    @Nullable ReplayWindow[] oldWindows = windows;
    ssrcs = new int[2 * oldSsrcs.length];
    windows = new ReplayWindow[ssrcs.length];
    for (int i = 0; i < oldSsrcs.length; i++) {
      if (oldWindows[i] != null) {
        int place = place(oldSsrcs[i]);
        ssrcs[place] = oldSsrcs[i];
        windows[place] = oldWindows[i];
      }
    }
  }

  /** Where the SSRC is, or the free place where it would be. */
  private int place(int ssrc) {
    int mask = ssrcs.length - 1;
    int hash = ssrc * 0x9E37_79B9;
    int place = (hash ^ hash >>> 16) & mask;
    while (windows[place] != null && ssrcs[place] != ssrc) {
      place = (place + 1) & mask;
    }
    return place;
  }
}
