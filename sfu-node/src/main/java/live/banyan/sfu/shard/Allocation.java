package live.banyan.sfu.shard;

import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.ViewerSubscription;

/**
 * Splits what a viewer's path bears over its tracks: sound first and whole, then for each picture
 * on screen its lowest layer, then for those that are not, then better ones by priority, which is
 * the order of the transport's subscriptions. Probes for more where a better layer is waiting. Not
 * thread safe.
 */
final class Allocation {
  private static final long KEEP_UP_NS = 100_000_000;

  /** An estimate that has moved by this share of itself is divided at once. */
  private static final int MOVED_SHARE = 32;

  private final Forwarder forwarder;
  private final Trials trials;
  private final ShardCounters counters;

  Allocation(Forwarder forwarder, Trials trials, ShardCounters counters) {
    this.forwarder = forwarder;
    this.trials = trials;
    this.counters = counters;
  }

  /** Divides anew where no feedback has had it done lately; to be called now and then. */
  void keepUp(Transport transport, long nowNs) {
    if (nowNs - transport.dividedNs >= KEEP_UP_NS) {
      run(transport, nowNs);
    }
  }

  /** Divides anew where a feedback has changed what there is to divide; to be called with each. */
  void onFeedback(Transport transport, long nowNs) {
    CongestionControl congestion = transport.congestion();
    if (congestion == null) {
      return;
    }
    long estimateBps = congestion.estimateBps(nowNs);
    if (Math.abs(estimateBps - transport.dividedBps) >= estimateBps / MOVED_SHARE
        || congestion.probeDue(nowNs)) {
      run(transport, nowNs);
    } else {
      keepUp(transport, nowNs);
    }
  }

  private void run(Transport transport, long nowNs) {
    CongestionControl congestion = transport.congestion();
    if (congestion == null) {
      return;
    }
    transport.dividedNs = nowNs;
    transport.dividedBps = congestion.estimateBps(nowNs);
    long sound = 0;
    long seen = 0;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer) {
        long least = viewer.leastBps(nowNs);
        sound += viewer.video() ? 0 : least;
        seen += viewer.video() && viewer.priority() > 0 ? least : 0;
      }
    }
    // Sound carries no numbers: an estimate from numbers is of what is left beside it.
    long left = transport.dividedBps - seen - (congestion.counted() ? 0 : sound);
    left -= unseen(transport, left, nowNs);
    long wanted = 0;
    ViewerSubscription probing = null;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer
          && viewer.video()
          && !viewer.paused()) {
        long least = viewer.leastBps(nowNs);
        long taken = viewer.budget(Math.max(0, left + least), nowNs);
        left -= Math.max(0, taken - least);
        wanted += viewer.wantedBps(nowNs);
        probing = probing == null ? viewer : probing;
      }
    }
    congestion.want(wanted);
    if (probing != null && congestion.probeDue(nowNs)) {
      probe(transport, congestion, probing, nowNs);
    }
  }

  /**
   * Pictures that nobody looks at go on at their lowest where there is room. @return what they take
   */
  private static long unseen(Transport transport, long room, long nowNs) {
    long taken = 0;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer
          && viewer.video()
          && viewer.priority() == 0) {
        long least = viewer.leastBps(nowNs);
        boolean fits = room - taken >= (viewer.paused() ? least + least / 4 : least);
        viewer.pause(!fits);
        taken += fits ? least : 0;
      }
    }
    return taken;
  }

  private void probe(
      Transport transport, CongestionControl congestion, ViewerSubscription viewer, long nowNs) {
    int packets = congestion.beginProbe(nowNs);
    if (packets > 0) {
      forwarder.probe(viewer, packets, nowNs);
      congestion.endProbe();
    } else {
      trials.begin(transport, nowNs);
    }
    counters.add(ShardCounter.PROBES_OUT, 1);
  }
}
