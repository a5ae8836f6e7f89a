package live.banyan.sfu.shard;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.congestion.BandwidthEstimator;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.RelaySubscription;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.media.Track;
import live.banyan.sfu.media.ViewerSubscription;
import live.banyan.sfu.rtp.ExtensionKind;
import org.jspecify.annotations.Nullable;

/**
 * What leaves this shard, to viewers and to children, and the commands that change it. The commands
 * answer false where they name what is gone. Not thread safe.
 */
final class Subscriptions {
  private static final int CNAME_MAX = 255;

  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Transports transports;
  private final Feeds feeds;
  private final Reports reports;
  private final RandomGenerator random;
  private final int perTransportMax;
  private final Map<Long, Subscription> byId = new HashMap<>();

  Subscriptions(
      ShardCounters counters,
      Forwarder forwarder,
      Transports transports,
      Feeds feeds,
      Reports reports,
      RandomGenerator random,
      int perTransportMax) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.transports = transports;
    this.feeds = feeds;
    this.reports = reports;
    this.random = random;
    this.perTransportMax = perTransportMax;
  }

  int size() {
    return byId.size();
  }

  boolean open(ShardCommand.OpenSubscription open) {
    Transport transport = transports.find(open.transportId());
    if (transport == null || byId.containsKey(open.subscriptionId())) {
      return false;
    }
    int[] payloadTypes = new int[Codec.values().length];
    int[] rtxPayloadTypes = new int[Codec.values().length];
    int redPayloadType = 0;
    for (ShardCommand.CodecPayload payload : open.payloadTypes()) {
      payloadTypes[payload.codec().ordinal()] = payload.payloadType();
      rtxPayloadTypes[payload.codec().ordinal()] = payload.rtxPayloadType();
      redPayloadType = payload.codec().audio() ? payload.redPayloadType() : redPayloadType;
    }
    ViewerSubscription subscription =
        new ViewerSubscription(
            open.subscriptionId(),
            transport,
            open.ssrc(),
            open.rtxSsrc(),
            open.mid(),
            payloadTypes,
            rtxPayloadTypes,
            open.extensions(),
            random);
    subscription.useRed(redPayloadType);
    boolean repeats = open.payloadTypes().stream().anyMatch(p -> p.rtxPayloadType() != 0);
    boolean numbered = open.extensions().id(ExtensionKind.TRANSPORT_SEQUENCE) != 0;
    if ((numbered || open.streamFeedback()) && open.rtxSsrc() != 0 && repeats) {
      CongestionControl congestion = transport.estimate(BandwidthEstimator.START_BPS);
      if (!numbered) {
        congestion.expectStreams();
      }
    }
    return attach(transport, subscription, open.trackId(), open.cname());
  }

  boolean open(ShardCommand.OpenRelay open) {
    Transport transport = transports.find(open.transportId());
    Feed feed = feeds.find(open.trackId());
    if (transport == null || feed == null || byId.containsKey(open.subscriptionId())) {
      return false;
    }
    if (open.layer() < 0 || open.layer() >= feed.track.layerCount()) {
      return counters.refused();
    }
    Subscription subscription =
        new RelaySubscription(
            open.subscriptionId(),
            transport,
            open.layer(),
            open.ssrc(),
            open.rtxSsrc(),
            open.fromExtendedSequence(),
            random);
    // The publisher's name stays with the publisher; a child needs none to repair or to sync.
    return attach(transport, subscription, open.trackId(), "relay");
  }

  private boolean attach(
      Transport transport, Subscription subscription, long trackId, String cname) {
    if (transport.subscriptions.size() >= perTransportMax
        || !transport.outgoing.put(subscription.ssrc(), subscription)) {
      return counters.refused();
    }
    if (subscription.rtxSsrc() != 0
        && !transport.outgoing.put(subscription.rtxSsrc(), subscription)) {
      transport.outgoing.remove(subscription.ssrc());
      return counters.refused();
    }
    byId.put(subscription.id(), subscription);
    byte[] name = cname.getBytes(StandardCharsets.UTF_8);
    byte[] bounded = name.length > CNAME_MAX ? new byte[0] : name;
    transport.subscriptions.add(new Transport.OpenSubscription(subscription, bounded));
    Feed feed = feeds.find(trackId);
    // A viewer may be opened between two epochs of its stream: it waits for a move.
    forwarder.move(subscription, feed == null ? null : feed.track);
    return true;
  }

  boolean move(ShardCommand.MoveSubscription move) {
    Subscription subscription = byId.get(move.subscriptionId());
    Feed feed = feeds.find(move.trackId());
    if (subscription == null || feed == null) {
      return false;
    }
    forwarder.move(subscription, feed.track);
    return true;
  }

  boolean limit(ShardCommand.LimitLayer limit) {
    if (!(byId.get(limit.subscriptionId()) instanceof ViewerSubscription viewer)) {
      return false;
    }
    viewer.allowUpTo(
        Math.max(0, limit.highest()), Math.max(0, limit.spatial()), Math.max(0, limit.temporal()));
    return true;
  }

  boolean need(ShardCommand.NeedLayer need) {
    if (!(byId.get(need.subscriptionId()) instanceof RelaySubscription relay)) {
      return false;
    }
    relay.need(need.needed());
    Track track = relay.track();
    if (track != null) {
      forwarder.mark(track);
    }
    return true;
  }

  boolean prioritise(ShardCommand.Prioritise prioritise) {
    if (!(byId.get(prioritise.subscriptionId()) instanceof ViewerSubscription viewer)) {
      return false;
    }
    viewer.prioritise(prioritise.priority());
    if (viewer.outlet() instanceof Transport transport) {
      // The order in which their shares are given out.
      transport.subscriptions.sort(
          Comparator.comparingInt(entry -> -entry.subscription().priority()));
    }
    return true;
  }

  boolean close(ShardCommand.CloseSubscription close) {
    Subscription subscription = byId.remove(close.subscriptionId());
    if (subscription == null) {
      return false;
    }
    forwarder.move(subscription, null);
    Transport transport = (Transport) subscription.outlet();
    reports.sendBye(transport, subscription);
    transport.outgoing.remove(subscription.ssrc());
    transport.outgoing.remove(subscription.rtxSsrc());
    transport.subscriptions.removeIf(entry -> entry.subscription() == subscription);
    return true;
  }

  @Nullable SubscriptionStats stats(long subscriptionId) {
    Subscription found = byId.get(subscriptionId);
    return found == null
        ? null
        : new SubscriptionStats(
            found.packetsSent(),
            found.payloadBytesSent(),
            found.rtxSent(),
            found.rttNs(),
            found.fractionLost());
  }

  /** Ends a transport's subscriptions. */
  void closeAll(Transport transport) {
    for (Transport.OpenSubscription entry : transport.subscriptions) {
      byId.remove(entry.subscription().id());
      forwarder.move(entry.subscription(), null);
    }
    transport.subscriptions.clear();
  }
}
