package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.ViewerSubscription;

/**
 * Viewers whose paths are being tried at a higher rate for some tenths of a second: repeats to them
 * what they have got, in small steps. Not thread safe.
 */
final class Trials {
  private static final long STEP_NS = 5_000_000;

  /** Packets of one step: 20 Mbit/s. */
  private static final int PACKETS_MAX = 10;

  private final Forwarder forwarder;
  private final List<Transport> running = new ArrayList<>();
  private long nextNs = Long.MAX_VALUE;

  Trials(Forwarder forwarder) {
    this.forwarder = forwarder;
  }

  /** When {@link #run} is due; Long.MAX_VALUE while nobody's path is tried. */
  long deadlineNs() {
    return nextNs;
  }

  /** A trial begins of a path. */
  void begin(Transport transport, long nowNs) {
    if (!transport.tried) {
      transport.tried = true;
      running.add(transport);
      nextNs = Math.min(nextNs, nowNs + STEP_NS);
    }
  }

  void run(long nowNs) {
    if (nowNs < nextNs) {
      return;
    }
    // Backwards, since a trial that is over leaves the list.
    for (int i = running.size() - 1; i >= 0; i--) {
      Transport transport = running.get(i);
      CongestionControl congestion = transport.congestion();
      if (transport.closed || congestion == null || !congestion.tries(nowNs)) {
        transport.tried = false;
        running.set(i, running.getLast());
        running.removeLast();
      } else {
        pad(transport, congestion, nowNs);
      }
    }
    nextNs = running.isEmpty() ? Long.MAX_VALUE : nowNs + STEP_NS;
  }

  private void pad(Transport transport, CongestionControl congestion, long nowNs) {
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      if (transport.subscriptions.get(i).subscription() instanceof ViewerSubscription viewer
          && viewer.video()
          && !viewer.paused()) {
        for (int n = 0; n < PACKETS_MAX && congestion.wantsPadding(nowNs); n++) {
          if (forwarder.probe(viewer, 1, nowNs) == 0) {
            break;
          }
        }
      }
    }
  }
}
