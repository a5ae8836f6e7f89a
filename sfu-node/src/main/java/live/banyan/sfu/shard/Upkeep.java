package live.banyan.sfu.shard;

import java.util.List;
import java.util.function.Consumer;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.congestion.ReceiverEstimate;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.media.ViewerSubscription;

/**
 * What falls due by time alone: silence of peers and sources, regular reports, arrival feedback. A
 * coarse tick while there is anything to watch; none on an empty shard. Not thread safe.
 */
final class Upkeep {
  private static final long TICK_NS = 100_000_000;
  // A parent's silence of 60 ms must be seen soon after.
  private static final long RELAY_TICK_NS = 20_000_000;

  private static final long TELL_NS = 1_000_000_000;

  private final Registry registry;
  private final Reports reports;
  private final UplinkEstimates estimates;
  private final EarlyPackets early;
  private final Allocation allocation;
  private final ShardCounters counters;
  private final Consumer<ShardEvent> events;
  private final ShardConfig config;
  private long nextTickNs = Long.MIN_VALUE;
  private long toldNs;
  private long nextFeedbackNs = Long.MAX_VALUE;

  Upkeep(
      Registry registry,
      Reports reports,
      UplinkEstimates estimates,
      EarlyPackets early,
      Allocation allocation,
      ShardCounters counters,
      Consumer<ShardEvent> events,
      ShardConfig config) {
    this.registry = registry;
    this.reports = reports;
    this.estimates = estimates;
    this.early = early;
    this.allocation = allocation;
    this.counters = counters;
    this.events = events;
    this.config = config;
  }

  long deadlineNs() {
    return registry.transports().all().isEmpty()
        ? Long.MAX_VALUE
        : Math.min(nextTickNs, nextFeedbackNs);
  }

  /** Has the next tick come at once: a report is due early. */
  void hurry(long nowNs) {
    nextTickNs = Math.min(nextTickNs, nowNs + RELAY_TICK_NS);
  }

  void run(long nowNs) {
    if (nowNs < nextTickNs) {
      return;
    }
    early.run(nowNs);
    boolean relays = false;
    List<Transport> transports = registry.transports().all();
    // Backwards, since a transport that is gone leaves the list.
    for (int i = transports.size() - 1; i >= 0; i--) {
      Transport transport = transports.get(i);
      if (!transport.link && isGone(transport, nowNs)) {
        continue;
      }
      relays |= transport.link && !transport.sources.isEmpty();
      watchSources(transport, nowNs);
      reports.run(transport, nowNs);
      ReceiverEstimate uplink = transport.uplink;
      if (uplink != null && transport.twcc == null) {
        estimates.run(transport, uplink, nowNs);
      }
      allocation.keepUp(transport, nowNs);
    }
    registry.feeds().reviewNeeds(events, nowNs);
    if (nowNs - toldNs >= TELL_NS) {
      toldNs = nowNs;
      registry.feeds().tellWanted();
      tellEstimates(nowNs);
    }
    nextTickNs = nowNs + (relays ? RELAY_TICK_NS : TICK_NS);
  }

  private void tellEstimates(long nowNs) {
    long viewers = 0;
    long sum = 0;
    long limited = 0;
    List<Transport> transports = registry.transports().all();
    for (int i = 0; i < transports.size(); i++) {
      Transport transport = transports.get(i);
      CongestionControl congestion = transport.congestion();
      if (congestion == null) {
        continue;
      }
      viewers++;
      sum += congestion.estimateBps(nowNs);
      for (int s = 0; s < transport.subscriptions.size(); s++) {
        limited +=
            transport.subscriptions.get(s).subscription() instanceof ViewerSubscription viewer
                    && viewer.limited(nowNs)
                ? 1
                : 0;
      }
    }
    counters.set(ShardCounter.ESTIMATED_VIEWERS, viewers);
    counters.set(ShardCounter.ESTIMATED_BPS, sum);
    counters.set(ShardCounter.LIMITED_VIDEOS, limited);
  }

  private boolean isGone(Transport transport, long nowNs) {
    boolean ready = transport.connectedTold && transport.incomingCipher() != null;
    ShardEvent.GoneReason reason;
    if (transport.connectedTold && nowNs - transport.lastAuthenticatedNs > config.silentNs()) {
      reason = ShardEvent.GoneReason.SILENT;
    } else if (!ready && nowNs - transport.openedNs > config.connectNs()) {
      reason = ShardEvent.GoneReason.NEVER_CONNECTED;
    } else {
      return false;
    }
    registry.close(transport);
    events.accept(new ShardEvent.TransportGone(transport.id, reason));
    return true;
  }

  private void watchSources(Transport transport, long nowNs) {
    for (int i = 0; i < transport.sources.size(); i++) {
      Source source = transport.sources.get(i);
      if (source.fallsSilent(nowNs)) {
        events.accept(new ShardEvent.SourceSilent(source.track.id(), transport.id));
      }
    }
  }

  /** Sends arrival feedback to the publishers that are due it. */
  void feedback(long nowNs) {
    if (nowNs < nextFeedbackNs && nextFeedbackNs != Long.MAX_VALUE) {
      return;
    }
    long next = Long.MAX_VALUE;
    List<Transport> reporting = registry.transports().reporting();
    for (int i = 0; i < reporting.size(); i++) {
      Transport transport = reporting.get(i);
      TwccArrivals twcc = transport.twcc;
      if (twcc != null) {
        next = Math.min(next, reports.sendFeedback(transport, twcc, nowNs));
      }
    }
    nextFeedbackNs = next;
  }
}
