package live.banyan.node.control;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import live.banyan.mesh.Directory;
import live.banyan.node.control.Session.Purpose;
import live.banyan.node.data.DataPlane;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardEvent;
import live.banyan.signaling.port.MediaPlane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WHIP and WHEP sessions: from negotiated SDP to transports, handshakes, publications and
 * subscriptions. The public methods may be called from any thread; the state belongs to the control
 * thread.
 */
public final class Sessions implements MediaPlane {
  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  private final ControlThread control;
  private final Consumer<ShardCommand> shard;
  private final Streams streams;
  private final ViewerLayers layers;
  private final StreamSound sound;
  private final SessionAdmission admission;
  private final Handshakes handshakes;
  private final RandomGenerator random;
  private final TransportNames names;
  private final AtomicLong ids;
  private final List<HostCandidate> candidates;
  private final JoinTimes joinTimes;
  private final DataPlane data;
  private final UplinkGate gate;

  /** What {@link #receive} needs, for the shard's thread. */
  private final Map<Long, Handshakes.Association> associations = new ConcurrentHashMap<>();

  private final Map<String, Session> byId = new HashMap<>();
  private final Map<Long, Session> byTransport = new HashMap<>();
  private final List<BiConsumer<String, String>> endListeners = new CopyOnWriteArrayList<>();

  /** Told when the first media packet leaves towards a viewer, in seconds since the request. */
  @FunctionalInterface
  public interface JoinTimes {
    void firstMedia(double seconds);
  }

  Sessions(
      ControlThread control,
      Consumer<ShardCommand> shard,
      Streams streams,
      Directory directory,
      Handshakes handshakes,
      RandomGenerator random,
      TransportNames names,
      AtomicLong ids,
      List<HostCandidate> candidates,
      int sessionsMax,
      JoinTimes joinTimes,
      DataPlane data,
      UplinkGate gate) {
    this.control = control;
    this.shard = shard;
    this.streams = streams;
    this.layers = new ViewerLayers(shard);
    this.sound = new StreamSound(shard);
    this.admission = new SessionAdmission(streams, directory, sessionsMax);
    this.handshakes = handshakes;
    this.random = random;
    this.names = names;
    this.ids = ids;
    this.candidates = List.copyOf(candidates);
    this.joinTimes = joinTimes;
    this.data = data;
    this.gate = gate;
    streams.onSessionToEnd(this::endByItself);
  }

  // --- ports of signalling ----------------------------------------------------------------------

  @Override
  public CompletionStage<Opening> publish(String sessionId, String stream, RemoteSession remote) {
    return control.call(() -> openPublication(sessionId, stream, remote));
  }

  @Override
  public CompletionStage<Lookup> find(String stream) {
    return control.call(() -> admission.find(stream));
  }

  @Override
  public CompletionStage<Opening> subscribe(String sessionId, String stream, RemoteSession remote) {
    return control.call(() -> openSubscriptions(sessionId, stream, remote));
  }

  @Override
  public CompletionStage<Optional<LocalIce>> restartIce(
      String sessionId, String remoteUfrag, String remotePassword) {
    return control.call(
        () -> {
          Session session = byId.get(sessionId);
          if (session == null) {
            return Optional.empty();
          }
          IceCredentials local = names.again(session.transportId);
          shard.accept(
              new ShardCommand.RestartIce(
                  session.transportId, local, new IceCredentials(remoteUfrag, remotePassword)));
          return Optional.of(localIce(local));
        });
  }

  @Override
  public CompletionStage<List<VideoLayer>> layers(String stream) {
    return control.call(() -> layers.of(streams.get(stream))).thenCompose(Function.identity());
  }

  @Override
  public CompletionStage<Optional<Sound>> sound(String stream) {
    return control.call(() -> sound.of(streams.get(stream))).thenCompose(Function.identity());
  }

  @Override
  public CompletionStage<LayerChoice> choose(String sessionId, LayerWish wish) {
    return control.call(
        () -> {
          Session session = byId.get(sessionId);
          LocalStream stream = session == null ? null : streams.get(session.stream);
          return session == null || stream == null
              ? LayerChoice.NO_SESSION
              : layers.choose(stream, session, wish);
        });
  }

  @Override
  public CompletionStage<Boolean> prioritise(String sessionId, int priority) {
    return control.call(
        () -> {
          Session session = byId.get(sessionId);
          return session != null && layers.prioritise(session, priority);
        });
  }

  @Override
  public CompletionStage<Boolean> close(String sessionId) {
    return control.call(
        () -> {
          Session session = byId.get(sessionId);
          if (session == null) {
            return false;
          }
          end(session, true);
          return true;
        });
  }

  @Override
  public void onSessionEnded(BiConsumer<String, String> listener) {
    endListeners.add(listener);
  }

  // --- opening ----------------------------------------------------------------------------------

  private Opening openPublication(String sessionId, String stream, RemoteSession remote) {
    Refused refused = admission.refusal(byId.size());
    if (refused != null) {
      return refused;
    }
    PublishedMedia media = PublishedMedia.of(remote);
    if (media.tracks().isEmpty()) {
      return new Refused(
          Reason.NO_COMMON_CODEC, "Offer Opus audio, or VP8, VP9, H.264 or AV1 video.");
    }
    Session session = register(sessionId, stream, Purpose.PUBLISH, remote);
    session.description = StreamDescription.of(media.tracks());
    session.sections = media.sections();
    return new Opened(openTransport(session), handshakes.fingerprint(), Map.of());
  }

  private Opening openSubscriptions(String sessionId, String name, RemoteSession remote) {
    Refused refused = admission.refusal(byId.size());
    if (refused != null) {
      return refused;
    }
    LocalStream stream = streams.get(name);
    if (stream == null) {
      return SessionAdmission.notLive();
    }
    Optional<String> closed = gate.viewer(name, sessionId);
    if (closed.isPresent()) {
      return new Refused(Reason.OVERLOADED, closed.get());
    }
    Session session = register(sessionId, name, Purpose.WATCH, remote);
    LocalIce ice = openTransport(session);
    ViewerTracks tracks = new ViewerTracks(random, ids);
    for (NegotiatedMedia media : remote.media()) {
      tracks.add(media, stream.trackOf(media.kind()));
    }
    tracks.commands(session.transportId).forEach(shard);
    session.subscriptions = tracks.subscriptions();
    streams.viewerJoined(stream, sessionId, session.subscriptions);
    return new Opened(ice, handshakes.fingerprint(), tracks.localTracks());
  }

  private Session register(String id, String stream, Purpose purpose, RemoteSession remote) {
    Session session =
        new Session(id, stream, purpose, ids.incrementAndGet(), remote, System.nanoTime());
    byId.put(id, session);
    byTransport.put(session.transportId, session);
    return session;
  }

  private LocalIce openTransport(Session session) {
    IceCredentials local = names.next();
    shard.accept(
        new ShardCommand.OpenTransport(
            session.transportId,
            local,
            new IceCredentials(session.remote.iceUfrag(), session.remote.icePassword())));
    return localIce(local);
  }

  private LocalIce localIce(IceCredentials local) {
    return new LocalIce(local.ufrag(), local.password(), candidates);
  }

  /**
   * Takes a DTLS datagram of a session whose association has begun; the shard's thread.
   *
   * @return false when it has not, and {@link #onShardEvent} is to have it
   */
  boolean receive(ShardEvent.Dtls event) {
    Handshakes.Association association = associations.get(event.transportId());
    if (association == null) {
      return false;
    }
    association.receive(event.datagram());
    return true;
  }

  // --- events of the shard ----------------------------------------------------------------------

  /** Handles an event of a client's transport, on the control thread. */
  void onShardEvent(ShardEvent event) {
    switch (event) {
      case ShardEvent.Dtls e ->
          withSession(e.transportId(), s -> handshake(s).receive(e.datagram()));
      case ShardEvent.TransportConnected e -> withSession(e.transportId(), this::connected);
      case ShardEvent.TransportGone e ->
          withSession(
              e.transportId(),
              s -> {
                s.transportGone = true;
                goneByItself(s, e.reason().name());
              });
      case ShardEvent.SourceBye e -> withSession(e.transportId(), s -> end(s, true));
      case ShardEvent.SubscriptionFlowing e -> firstMedia(e.subscriptionId());
      case ShardEvent.SourceFlowing e -> {}
      case ShardEvent.SourceSilent e -> {}
      case ShardEvent.LayersNeeded e -> {}
      case ShardEvent.LinkStun e -> {}
    }
  }

  private void toTransport(Session session, ShardCommand command) {
    if (!session.transportGone) {
      shard.accept(command);
    }
  }

  private void connected(Session session) {
    if (!session.remote.remoteIsDtlsClient()) {
      handshake(session);
    }
  }

  private void withSession(long transportId, Consumer<Session> action) {
    Session session = byTransport.get(transportId);
    if (session != null) {
      action.accept(session);
    }
  }

  private Handshakes.Association handshake(Session session) {
    Handshakes.Association existing = session.dtls;
    if (existing != null) {
      return existing;
    }
    Handshakes.Association made =
        handshakes.open(
            session.remote.remoteIsDtlsClient(),
            session.remote.fingerprintAlgorithm(),
            session.remote.fingerprint(),
            datagram -> toTransport(session, new ShardCommand.Send(session.transportId, datagram)),
            keys -> control.execute(() -> keyed(session, keys)),
            packet -> {
              if (session.remote.data() != null) {
                data.receive(session.transportId, packet);
              }
            },
            why -> control.execute(() -> goneByItself(session, why)));
    session.dtls = made;
    associations.put(session.transportId, made);
    NegotiatedData channels = session.remote.data();
    if (channels != null) {
      data.open(
          session.transportId,
          new DataPlane.Terms(
              session.stream,
              session.purpose == Purpose.PUBLISH,
              !session.remote.remoteIsDtlsClient(),
              channels.messageBytesMax(),
              made::send));
    }
    return made;
  }

  private void keyed(Session session, SrtpKeys keys) {
    if (byId.get(session.id) != session || session.keyed) {
      keys.wipe();
      return;
    }
    session.keyed = true;
    PacketCipher cipher = handshakes.cipher(keys);
    keys.wipe();
    StreamDescription description = session.description;
    if (description != null) {
      PublisherTracks tracks = new PublisherTracks(session);
      streams.ingest(session.stream, session.id, description, tracks.extensions(), tracks::sources);
      LocalStream stream = streams.get(session.stream);
      if (stream != null) {
        data.published(session.stream, stream.epoch);
      }
    }
    shard.accept(new ShardCommand.InstallCipher(session.transportId, cipher));
  }

  private void firstMedia(long subscriptionId) {
    for (Session session : byId.values()) {
      if (session.subscriptions.containsValue(subscriptionId) && !session.flowing) {
        session.flowing = true;
        joinTimes.firstMedia((System.nanoTime() - session.openedNs) / 1e9);
      }
    }
  }

  // --- ending -----------------------------------------------------------------------------------

  private void goneByItself(Session session, String why) {
    if (byId.get(session.id) != session) {
      return;
    }
    end(session, false);
    endListeners.forEach(l -> l.accept(session.id, why));
  }

  private void endByItself(String sessionId, String why) {
    Session session = byId.get(sessionId);
    if (session != null) {
      end(session, true);
      endListeners.forEach(l -> l.accept(sessionId, why));
    }
  }

  private void end(Session session, boolean deliberate) {
    byId.remove(session.id);
    byTransport.remove(session.transportId);
    associations.remove(session.transportId);
    if (session.remote.data() != null) {
      data.close(session.transportId);
    }
    Handshakes.Association dtls = session.dtls;
    ShardCommand close = new ShardCommand.CloseTransport(session.transportId);
    if (dtls == null) {
      toTransport(session, close);
    } else {
      // The transport carries the good-bye; without it a client notices only after its ICE timeout.
      dtls.close(() -> toTransport(session, close));
    }
    if (session.purpose == Purpose.PUBLISH) {
      streams.ingestEnded(session.stream, session.id, deliberate);
    } else {
      gate.viewerLeft(session.id);
      streams.viewerLeft(session.stream, session.id);
    }
    log.debug("session of stream {} ended", session.stream);
  }

  /** From now on newcomers are sent elsewhere. */
  void drain() {
    admission.drain();
  }

  /** Ends a viewer's session from this end, and tells signalling; on the control thread. */
  void endViewer(String sessionId, String why) {
    endByItself(sessionId, why);
  }

  /** Ends whatever is left; at shutdown. */
  void endAll(String why) {
    for (String id : List.copyOf(byId.keySet())) {
      endByItself(id, why);
    }
  }

  int publishers() {
    return (int) byId.values().stream().filter(s -> s.purpose == Purpose.PUBLISH).count();
  }

  int viewers() {
    return byId.size() - publishers();
  }
}
