package live.banyan.sfu.shard;

import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.ViewerSubscription;

/**
 * Splits what a viewer's path bears over its tracks: sound first and whole, then for each picture
 * its lowest layer, then better ones in the order in which the viewer asked for the pictures.
 * Probes for more where a better layer is waiting. Not thread safe.
 */
final class Allocation {
  private final Forwarder forwarder;
  private final ShardCounters counters;

  Allocation(Forwarder forwarder, ShardCounters counters) {
    this.forwarder = forwarder;
    this.counters = counters;
  }

  /** Divides anew; to be called with each feedback, and now and then. */
  void run(Transport transport, long nowNs) {
    CongestionControl congestion = transport.congestion();
    if (congestion == null) {
      return;
    }
    long pictures = 0;
    long sound = 0;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer) {
        long least = viewer.leastBps(nowNs);
        pictures += viewer.video() ? least : 0;
        sound += viewer.video() ? 0 : least;
      }
    }
    // Sound carries no numbers: an estimate from numbers is of what is left beside it.
    long left = congestion.estimateBps(nowNs) - pictures - (congestion.counted() ? 0 : sound);
    long wanted = 0;
    ViewerSubscription probing = null;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer
          && viewer.video()) {
        long least = viewer.leastBps(nowNs);
        long taken = viewer.budget(Math.max(0, left + least), nowNs);
        left -= Math.max(0, taken - least);
        wanted += viewer.wantedBps(nowNs);
        probing = probing == null ? viewer : probing;
      }
    }
    congestion.want(wanted);
    if (probing != null) {
      probe(congestion, probing, nowNs);
    }
  }

  private void probe(CongestionControl congestion, ViewerSubscription viewer, long nowNs) {
    int packets = congestion.probeDue(nowNs);
    if (packets > 0) {
      congestion.beginProbe(packets, nowNs);
      forwarder.probe(viewer, packets, nowNs);
      congestion.endProbe();
      counters.add(ShardCounter.PROBES_OUT, 1);
    }
  }
}
