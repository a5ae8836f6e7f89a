package live.banyan.sfu.shard;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.congestion.BandwidthEstimator;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.ice.IceLite;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.RelaySubscription;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.media.Track;
import live.banyan.sfu.media.ViewerSubscription;
import live.banyan.sfu.rtp.ExtensionKind;
import org.jspecify.annotations.Nullable;

/** Everything that has a name on this shard, and the commands that change it. Not thread safe. */
final class Registry {
  private static final int LAYERS_MAX = 8;
  private static final int CNAME_MAX = 255;

  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Connectivity connectivity;
  private final Ingress ingress;
  private final Repairs repairs;
  private final Neighbours neighbours;
  private final Reports reports;
  private final RandomGenerator random;
  private final ShardConfig config;
  private final Map<Long, Transport> transportsById = new HashMap<>();
  private final Map<Long, Feed> feeds = new HashMap<>();
  private final Map<Long, Subscription> subscriptions = new HashMap<>();
  private final List<Transport> transports = new ArrayList<>();
  private final List<Transport> feedbackTransports = new ArrayList<>();

  Registry(
      ShardCounters counters,
      Forwarder forwarder,
      Connectivity connectivity,
      Ingress ingress,
      Repairs repairs,
      Neighbours neighbours,
      Reports reports,
      RandomGenerator random,
      ShardConfig config) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.connectivity = connectivity;
    this.ingress = ingress;
    this.repairs = repairs;
    this.neighbours = neighbours;
    this.reports = reports;
    this.random = random;
    this.config = config;
  }

  List<Transport> transports() {
    return transports;
  }

  /** Transports whose senders want arrival feedback. */
  List<Transport> feedbackTransports() {
    return feedbackTransports;
  }

  void execute(ShardCommand command, long nowNs) {
    boolean done =
        switch (command) {
          case ShardCommand.OpenTransport open -> open(open, nowNs);
          case ShardCommand.RestartIce restart -> restart(restart);
          case ShardCommand.OpenLink open -> open(open, nowNs);
          case ShardCommand.SelectLinkPath path -> select(path);
          case ShardCommand.Send send -> send(send);
          case ShardCommand.SendTo send -> send(send);
          case ShardCommand.InstallCipher install -> install(install, nowNs);
          case ShardCommand.CloseTransport close -> close(close);
          case ShardCommand.OpenTrack open -> open(open);
          case ShardCommand.AddSource add -> add(add, nowNs);
          case ShardCommand.RemoveSource remove -> remove(remove);
          case ShardCommand.CloseTrack close -> close(close);
          case ShardCommand.OpenSubscription open -> open(open);
          case ShardCommand.OpenRelay open -> open(open);
          case ShardCommand.MoveSubscription move -> move(move);
          case ShardCommand.CloseSubscription close -> close(close);
          case ShardCommand.TellPositions tell -> tell(tell);
          case ShardCommand.PassChecks pass -> pass(pass);
          case ShardCommand.LimitLayer limit -> limit(limit);
          case ShardCommand.TellLayers tell -> tell(tell, nowNs);
        };
    if (!done) {
      counters.add(ShardCounter.COMMANDS_STALE, 1);
    }
    counters.set(ShardCounter.TRANSPORTS, transports.size());
    counters.set(ShardCounter.TRACKS, feeds.size());
    counters.set(ShardCounter.SUBSCRIPTIONS, subscriptions.size());
  }

  private boolean pass(ShardCommand.PassChecks pass) {
    neighbours.pass(IceUfrag.key(pass.localUfrag()), pass.shard());
    return true;
  }

  /** A track, or null where there is none. */
  @Nullable Feed feed(long trackId) {
    return feeds.get(trackId);
  }

  /** Tells the other shards anew which tracks have subscribers here: what was lost is made good. */
  void tellWanted() {
    if (neighbours.alone()) {
      return;
    }
    for (Feed feed : feeds.values()) {
      if (feed.track.subscriptionCount() > 0) {
        neighbours.tellWanted(feed);
      }
    }
  }

  private boolean tell(ShardCommand.TellPositions tell) {
    long[][] positions = new long[tell.trackIds().size()][];
    for (int t = 0; t < positions.length; t++) {
      Feed feed = feeds.get(tell.trackIds().get(t));
      int layers = feed == null ? 0 : feed.track.layerCount();
      positions[t] = new long[layers];
      for (int layer = 0; layer < layers; layer++) {
        positions[t][layer] = java.util.Objects.requireNonNull(feed).track.layer(layer).highest();
      }
    }
    tell.answer().accept(positions);
    return true;
  }

  private boolean tell(ShardCommand.TellLayers tell, long nowNs) {
    Feed feed = feeds.get(tell.trackId());
    tell.answer().accept(feed == null ? List.of() : feed.layerStates(nowNs));
    return true;
  }

  private boolean limit(ShardCommand.LimitLayer limit) {
    if (!(subscriptions.get(limit.subscriptionId()) instanceof ViewerSubscription viewer)) {
      return false;
    }
    viewer.allowUpTo(Math.max(0, limit.highest()));
    return true;
  }

  private boolean refused() {
    counters.add(ShardCounter.COMMANDS_REFUSED, 1);
    return true;
  }

  private boolean open(ShardCommand.OpenTransport open, long nowNs) {
    if (transports.size() >= config.transportsMax()) {
      return refused();
    }
    IceLite agent = new IceLite(open.local(), open.remote());
    Transport transport = transport(open.transportId(), false, nowNs);
    transport.ice = agent;
    return register(transport, agent.localUfragKey());
  }

  private boolean open(ShardCommand.OpenLink open, long nowNs) {
    if (transports.size() >= config.transportsMax()) {
      return refused();
    }
    Transport transport = transport(open.transportId(), true, nowNs);
    transport.linkUfragKey = IceUfrag.key(open.localUfrag());
    return register(transport, transport.linkUfragKey);
  }

  private Transport transport(long id, boolean link, long nowNs) {
    int localSsrc = random.nextInt(1, Integer.MAX_VALUE);
    return new Transport(id, link, localSsrc, nowNs);
  }

  private boolean register(Transport transport, long ufragKey) {
    if (transportsById.containsKey(transport.id) || !connectivity.register(ufragKey, transport)) {
      return false;
    }
    transportsById.put(transport.id, transport);
    transports.add(transport);
    return true;
  }

  private boolean restart(ShardCommand.RestartIce restart) {
    Transport transport = transportsById.get(restart.transportId());
    if (transport == null || transport.link) {
      return false;
    }
    IceLite next = new IceLite(restart.local(), restart.remote());
    if (!connectivity.register(next.localUfragKey(), transport)) {
      return false;
    }
    IceLite abandoned = transport.nextIce;
    if (abandoned != null) {
      connectivity.unregister(abandoned.localUfragKey(), transport);
    }
    transport.nextIce = next;
    return true;
  }

  private boolean select(ShardCommand.SelectLinkPath path) {
    Transport transport = transportsById.get(path.transportId());
    if (transport == null || !transport.link) {
      return false;
    }
    transport.addAddress(
        connectivity.addresses(), path.addressHigh(), path.addressLow(), path.port());
    transport.select(path.addressHigh(), path.addressLow(), path.port());
    neighbours.claim(path.addressHigh(), path.addressLow(), path.port());
    return true;
  }

  private boolean send(ShardCommand.Send send) {
    Transport transport = transportsById.get(send.transportId());
    if (transport == null) {
      return false;
    }
    connectivity.send(transport, send.datagram());
    return true;
  }

  private boolean send(ShardCommand.SendTo send) {
    Transport transport = transportsById.get(send.transportId());
    if (transport == null || !transport.link) {
      return false;
    }
    connectivity.sendStun(
        transport, send.datagram(), send.addressHigh(), send.addressLow(), send.port());
    return true;
  }

  private boolean install(ShardCommand.InstallCipher install, long nowNs) {
    Transport transport = transportsById.get(install.transportId());
    if (transport == null) {
      install.cipher().close();
      return false;
    }
    transport.install(install.cipher());
    transport.nextReportNs = nowNs + random.nextLong(200_000_000);
    ingress.onKeys(transport, nowNs);
    for (Transport.OpenSubscription entry : transport.subscriptions) {
      Track track = entry.subscription().track();
      if (track != null) {
        forwarder.mark(track);
      }
    }
    return true;
  }

  private boolean open(ShardCommand.OpenTrack open) {
    if (feeds.size() >= config.tracksMax() || open.layers() < 1 || open.layers() > LAYERS_MAX) {
      return refused();
    }
    if (feeds.containsKey(open.trackId())) {
      return false;
    }
    int slots = open.codec().audio() ? config.audioSlots() : config.videoSlots();
    Feed feed =
        new Feed(
            open.trackId(),
            open.codec(),
            open.layers(),
            slots,
            open.extensions(),
            repairs,
            neighbours);
    feeds.put(open.trackId(), feed);
    neighbours.tellOpened(feed);
    return true;
  }

  private boolean add(ShardCommand.AddSource add, long nowNs) {
    Feed feed = feeds.get(add.trackId());
    Transport transport = transportsById.get(add.transportId());
    if (feed == null || transport == null || find(feed, transport) != null) {
      return false;
    }
    if (add.layers().size() != feed.track.layerCount()
        || feed.sources.size() >= Feed.SOURCES_MAX
        || transport.sources.size() >= Transport.SOURCES_MAX) {
      return refused();
    }
    Source source = new Source(feed, transport, add);
    if (!SourceBinding.bindDeclared(source, add)) {
      SourceBinding.release(source);
      return refused();
    }
    feed.sources.add(source);
    feed.sourcesChanged();
    transport.sources.add(source);
    int twccId = Ingress.twccId(source);
    if (twccId != 0 && transport.twcc == null) {
      transport.twcc = new TwccArrivals();
      transport.twccExtensionId = twccId;
      feedbackTransports.add(transport);
    }
    ingress.onSource(transport, nowNs);
    return true;
  }

  private static @Nullable Source find(Feed feed, Transport transport) {
    for (Source source : feed.sources) {
      if (source.transport == transport) {
        return source;
      }
    }
    return null;
  }

  private boolean remove(ShardCommand.RemoveSource remove) {
    Feed feed = feeds.get(remove.trackId());
    Transport transport = transportsById.get(remove.transportId());
    Source source = feed == null || transport == null ? null : find(feed, transport);
    if (source == null) {
      return false;
    }
    detach(source);
    return true;
  }

  private static void detach(Source source) {
    SourceBinding.release(source);
    source.feed.sources.remove(source);
    source.feed.sourcesChanged();
    source.transport.sources.remove(source);
  }

  private boolean close(ShardCommand.CloseTrack close) {
    Feed feed = feeds.remove(close.trackId());
    if (feed == null) {
      return false;
    }
    for (Source source : List.copyOf(feed.sources)) {
      detach(source);
    }
    for (Subscription subscription : feed.track.subscribers()) {
      forwarder.move(subscription, null);
    }
    feed.track.close();
    return true;
  }

  private boolean open(ShardCommand.OpenSubscription open) {
    Transport transport = transportsById.get(open.transportId());
    if (transport == null || subscriptions.containsKey(open.subscriptionId())) {
      return false;
    }
    int[] payloadTypes = new int[Codec.values().length];
    int[] rtxPayloadTypes = new int[Codec.values().length];
    for (ShardCommand.CodecPayload payload : open.payloadTypes()) {
      payloadTypes[payload.codec().ordinal()] = payload.payloadType();
      rtxPayloadTypes[payload.codec().ordinal()] = payload.rtxPayloadType();
    }
    Subscription subscription =
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
    boolean repeats = open.payloadTypes().stream().anyMatch(p -> p.rtxPayloadType() != 0);
    if (open.extensions().id(ExtensionKind.TRANSPORT_SEQUENCE) != 0
        && open.rtxSsrc() != 0
        && repeats) {
      transport.estimate(BandwidthEstimator.START_BPS);
    }
    return attach(transport, subscription, open.trackId(), open.cname());
  }

  private boolean open(ShardCommand.OpenRelay open) {
    Transport transport = transportsById.get(open.transportId());
    Feed feed = feeds.get(open.trackId());
    if (transport == null || feed == null || subscriptions.containsKey(open.subscriptionId())) {
      return false;
    }
    if (open.layer() < 0 || open.layer() >= feed.track.layerCount()) {
      return refused();
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
    if (transport.subscriptions.size() >= config.subscriptionsPerTransportMax()
        || !transport.outgoing.put(subscription.ssrc(), subscription)) {
      return refused();
    }
    if (subscription.rtxSsrc() != 0
        && !transport.outgoing.put(subscription.rtxSsrc(), subscription)) {
      transport.outgoing.remove(subscription.ssrc());
      return refused();
    }
    subscriptions.put(subscription.id(), subscription);
    byte[] name = cname.getBytes(StandardCharsets.UTF_8);
    byte[] bounded = name.length > CNAME_MAX ? new byte[0] : name;
    transport.subscriptions.add(new Transport.OpenSubscription(subscription, bounded));
    Feed feed = feeds.get(trackId);
    // A viewer may be opened between two epochs of its stream: it waits for a move.
    forwarder.move(subscription, feed == null ? null : feed.track);
    return true;
  }

  private boolean move(ShardCommand.MoveSubscription move) {
    Subscription subscription = subscriptions.get(move.subscriptionId());
    Feed feed = feeds.get(move.trackId());
    if (subscription == null || feed == null) {
      return false;
    }
    forwarder.move(subscription, feed.track);
    return true;
  }

  private boolean close(ShardCommand.CloseSubscription close) {
    Subscription subscription = subscriptions.remove(close.subscriptionId());
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

  private boolean close(ShardCommand.CloseTransport close) {
    Transport transport = transportsById.get(close.transportId());
    if (transport == null) {
      return false;
    }
    close(transport);
    return true;
  }

  /** Ends a transport with its sources and subscriptions. */
  void close(Transport transport) {
    for (Source source : List.copyOf(transport.sources)) {
      detach(source);
    }
    for (Transport.OpenSubscription entry : transport.subscriptions) {
      subscriptions.remove(entry.subscription().id());
      forwarder.move(entry.subscription(), null);
    }
    transport.subscriptions.clear();
    connectivity.unregister(transport);
    ingress.onClosed(transport);
    transport.close(connectivity.addresses());
    transportsById.remove(transport.id);
    transports.remove(transport);
    feedbackTransports.remove(transport);
    counters.set(ShardCounter.TRANSPORTS, transports.size());
    counters.set(ShardCounter.SUBSCRIPTIONS, subscriptions.size());
  }

  long position(long trackId, int layer) {
    Feed feed = feeds.get(trackId);
    if (feed == null || layer < 0 || layer >= feed.track.layerCount()) {
      return -1;
    }
    return feed.track.layer(layer).highest();
  }

  @Nullable SubscriptionStats stats(long subscriptionId) {
    Subscription found = subscriptions.get(subscriptionId);
    return found == null
        ? null
        : new SubscriptionStats(
            found.packetsSent(),
            found.payloadBytesSent(),
            found.rtxSent(),
            found.rttNs(),
            found.fractionLost());
  }

  void close() {
    for (Transport transport : List.copyOf(transports)) {
      close(transport);
    }
    for (Feed feed : feeds.values()) {
      feed.track.close();
    }
    feeds.clear();
  }
}
