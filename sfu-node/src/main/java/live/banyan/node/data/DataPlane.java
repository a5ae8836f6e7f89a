package live.banyan.node.data;

import static java.util.stream.Collectors.joining;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.DataChannels;
import live.banyan.sfu.sctp.SctpConfig;
import live.banyan.sfu.sctp.SctpCounters;
import org.jspecify.annotations.Nullable;

/**
 * All data channels of a node. Safe from any thread and never blocks: everything is handed to the
 * data thread, control always, packets as far as its queue has room.
 */
public final class DataPlane implements AutoCloseable {
  /** The channel between a page and its node; what is on it goes no further. */
  public static final String NODE_LABEL = "banyan";

  /** Channels of one browser, and of one link. */
  private static final int CHANNELS_MAX = 32;

  /**
   * Packets per second that data may put on the media thread's socket, and at once: some hundredths
   * of a core. What is beyond is lost, and SCTP slows down.
   */
  private static final int SENDS_PER_SECOND = 8_000;

  private static final int SENDS_BURST = 2_000;

  private final DataThread thread = new DataThread();
  private final RandomGenerator random;
  private final String selfId;
  private final BiPredicate<String, byte[]> links;
  private final SctpConfig sessionConfig;
  private final SctpConfig linkConfig;
  private final SctpCounters sctp = new SctpCounters();
  private final AtomicLongArray counters = new AtomicLongArray(DataCount.values().length);
  private final TokenBucket sends =
      new TokenBucket(SENDS_PER_SECOND, SENDS_BURST, System.nanoTime());

  private final Map<Long, Session> sessions = new HashMap<>();
  private final Map<String, DataPeer> nodes = new HashMap<>();
  private final Map<String, StreamMessages> streams = new HashMap<>();

  /**
   * A session that has negotiated data channels.
   *
   * @param dtlsClient whether this node sent the ClientHello
   * @param messageBytesMax what the far end takes, 0 without a limit
   * @param send seals and sends a packet; false when that is not possible
   */
  public record Terms(
      String stream,
      boolean publisher,
      boolean dtlsClient,
      int messageBytesMax,
      Predicate<byte[]> send) {}

  private record Session(Terms terms, DataPeer peer) {}

  private final LayerNotices notices = new LayerNotices(thread, this::reach, this::note);
  private final MessageFanOut messages = new MessageFanOut(thread, this::reach, this::note);

  /**
   * @param packetBytesMax largest packet in one record towards a session
   * @param linkPacketBytesMax the same towards a node
   * @param links sends a packet to a node; false when there is no link
   */
  public DataPlane(
      RandomGenerator random,
      String selfId,
      int packetBytesMax,
      int linkPacketBytesMax,
      BiPredicate<String, byte[]> links) {
    this.random = random;
    this.selfId = selfId;
    this.links = links;
    this.sessionConfig = SctpConfig.defaults(packetBytesMax);
    this.linkConfig =
        SctpConfig.defaults(linkPacketBytesMax).withHeaders(RelayedMessage.HEADER_BYTES_MAX);
    thread.start();
  }

  // --- sessions ---------------------------------------------------------------------------------

  /** Before the session's first packet. */
  public void open(long transportId, Terms terms) {
    thread.execute(
        () -> {
          DataChannels channels =
              new DataChannels(
                  terms.dtlsClient,
                  CHANNELS_MAX,
                  terms.messageBytesMax,
                  sessionConfig,
                  sctp,
                  random);
          DataPeer peer = new DataPeer(channels, limited(terms.send), listener(terms));
          sessions.put(transportId, new Session(terms, peer));
          StreamMessages stream = stream(terms.stream);
          if (terms.publisher) {
            stream.publisher = peer;
          } else {
            stream.viewers.add(peer);
          }
        });
  }

  /** The publisher of a stream at this node has begun an epoch; its messages count from now on. */
  public void published(String stream, long epoch) {
    thread.execute(
        () -> {
          StreamMessages known = streams.get(stream);
          if (known != null) {
            known.beginEpoch(epoch);
          }
        });
  }

  /**
   * Tells the publisher of a stream which of its encodings are needed, where it listens; told again
   * only when that changes.
   *
   * @param rids names of the encodings, which have letters, digits, {@code _} and {@code -} only
   * @param highest index of the highest of them, 0 the lowest: for pages that know no more
   */
  public void layers(String stream, List<String> rids, int highest) {
    String text =
        "{\"type\":\"layers\",\"highest\":%d,\"needed\":[%s]}"
            .formatted(highest, rids.stream().map("\"%s\""::formatted).collect(joining(",")));
    thread.execute(
        () -> {
          StreamMessages known = streams.get(stream);
          if (known != null && !known.layers.equals(text)) {
            known.layers = text;
            notices.tellPublisher(known, System.nanoTime());
          }
        });
  }

  /** Tells the parents of a stream which layers are needed here, and those that come later. */
  public void needs(LayerNeeds needs) {
    thread.execute(
        () -> {
          StreamMessages known = streams.get(needs.stream());
          if (known != null) {
            known.needs = needs;
            notices.tellParents(known, System.nanoTime());
          }
        });
  }

  /** Hears which layers children need: node id and what it said, on the data thread. */
  public void listenNeeds(BiConsumer<String, LayerNeeds> listener) {
    notices.listen(listener);
  }

  /** A packet of a session. */
  public void receive(long transportId, byte[] packet) {
    packet(
        () -> {
          Session session = sessions.get(transportId);
          if (session != null) {
            session.peer.receive(packet, System.nanoTime());
            thread.schedule(session.peer);
          }
        });
  }

  /** The session has ended; without effect where it has no data channels. */
  public void close(long transportId) {
    thread.execute(
        () -> {
          Session session = sessions.remove(transportId);
          if (session != null) {
            session.peer.abort(System.nanoTime());
            StreamMessages stream = stream(session.terms.stream);
            stream.viewers.remove(session.peer);
            if (stream.publisher == session.peer) {
              stream.publisher = null;
            }
            forgetIfEmpty(session.terms.stream);
          }
        });
  }

  private DataPeer.Listener listener(Terms session) {
    return new DataPeer.Listener() {
      @Override
      public void up(DataPeer peer, long nowNs) {}

      @Override
      public void opened(DataPeer peer, ChannelTerms terms, long nowNs) {
        StreamMessages stream = streams.get(session.stream);
        if (terms.label().equals(NODE_LABEL) && stream != null && stream.publisher == peer) {
          notices.tellPublisher(stream, nowNs);
        }
      }

      @Override
      public void message(
          DataPeer from, ChannelTerms terms, boolean text, byte[] data, long nowNs) {
        if (terms.label().equals(NODE_LABEL)) {
          return;
        }
        if (session.publisher) {
          messages.onPublished(
              session.stream, stream(session.stream), from, terms, text, data, nowNs);
        } else {
          note(DataCount.DROPPED_VIEWER);
        }
      }

      @Override
      public void ended(DataPeer peer) {}
    };
  }

  // --- nodes ------------------------------------------------------------------------------------

  /** Whether a node takes a stream from this one. */
  public void child(String stream, String nodeId, boolean takes) {
    thread.execute(
        () -> {
          change(
              stream, known -> takes ? known.children.add(nodeId) : known.children.remove(nodeId));
          if (takes) {
            DataPeer peer = reach(nodeId); // up before the first message
            if (peer.isUp()) {
              messages.replay(stream(stream), peer, System.nanoTime());
            }
          }
        });
  }

  /** Whether this node takes a stream from another. */
  public void parent(String stream, String nodeId, boolean gives) {
    thread.execute(
        () -> {
          change(stream, known -> gives ? known.parents.add(nodeId) : known.parents.remove(nodeId));
          if (gives) {
            notices.tellParent(stream(stream), reach(nodeId), System.nanoTime());
          }
        });
  }

  /** A link is new or gone: what was on it is over. */
  public void linkChanged(String nodeId, boolean up) {
    thread.execute(
        () -> {
          nodes.remove(nodeId);
          notices.forget(nodeId);
          boolean shares =
              streams.values().stream()
                  .anyMatch(s -> s.children.contains(nodeId) || s.parents.contains(nodeId));
          if (up && shares) {
            reach(nodeId);
          }
        });
  }

  /** A packet of a node. */
  public void receive(String nodeId, byte[] packet) {
    packet(
        () -> {
          DataPeer peer = node(nodeId);
          peer.receive(packet, System.nanoTime());
          thread.schedule(peer);
        });
  }

  private DataPeer reach(String nodeId) {
    DataPeer peer = node(nodeId);
    peer.start(System.nanoTime());
    thread.schedule(peer);
    return peer;
  }

  private DataPeer node(String nodeId) {
    return nodes.computeIfAbsent(
        nodeId,
        unused ->
            new DataPeer(
                new DataChannels(
                    selfId.compareTo(nodeId) < 0, CHANNELS_MAX, 0, linkConfig, sctp, random),
                limited(packet -> links.test(nodeId, packet)),
                new DataPeer.Listener() {
                  @Override
                  public void up(DataPeer peer, long nowNs) {
                    streams.values().stream()
                        .filter(stream -> stream.children.contains(nodeId))
                        .forEach(stream -> messages.replay(stream, peer, nowNs));
                    streams.values().stream()
                        .filter(stream -> stream.parents.contains(nodeId))
                        .forEach(stream -> notices.tellParent(stream, peer, nowNs));
                  }

                  @Override
                  public void opened(DataPeer peer, ChannelTerms terms, long nowNs) {}

                  @Override
                  public void message(
                      DataPeer from, ChannelTerms terms, boolean text, byte[] data, long nowNs) {
                    if (terms.label().equals(LayerNotices.LINK_LABEL)) {
                      notices.onNeeds(nodeId, data, streams, nowNs);
                    } else {
                      messages.onRelayed(nodeId, data, streams, nowNs);
                    }
                  }

                  @Override
                  public void ended(DataPeer peer) {
                    nodes.remove(nodeId, peer);
                  }
                }));
  }

  // --- the rest ---------------------------------------------------------------------------------

  private Predicate<byte[]> limited(Predicate<byte[]> send) {
    return packet -> {
      if (!sends.has(1, System.nanoTime())) {
        note(DataCount.DROPPED_SENDS);
        return false;
      }
      sends.take(1);
      return send.test(packet);
    };
  }

  private void packet(Runnable task) {
    if (!thread.packet(task)) {
      note(DataCount.DROPPED_QUEUE);
    }
  }

  private StreamMessages stream(String name) {
    return streams.computeIfAbsent(name, unused -> new StreamMessages(System.nanoTime()));
  }

  private void change(String name, Function<StreamMessages, Boolean> change) {
    var unused = change.apply(stream(name));
    forgetIfEmpty(name);
  }

  private void forgetIfEmpty(String name) {
    @Nullable StreamMessages stream = streams.get(name);
    if (stream != null && stream.isEmpty()) {
      streams.remove(name);
    }
  }

  private void note(DataCount count) {
    counters.incrementAndGet(count.ordinal());
  }

  /** A counter since the start. */
  public long count(DataCount count) {
    return counters.get(count.ordinal());
  }

  /** What the associations have counted. */
  public SctpCounters sctp() {
    return sctp;
  }

  @Override
  public void close() {
    thread.close();
  }
}
