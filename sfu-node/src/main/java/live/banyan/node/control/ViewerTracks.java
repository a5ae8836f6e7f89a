package live.banyan.node.control;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;

/**
 * Turns the m-sections of a viewer's offer into subscriptions with SSRCs and names of their own.
 */
final class ViewerTracks {
  private record Entry(
      NegotiatedMedia media, long subscriptionId, long trackId, int ssrc, int rtxSsrc) {}

  private final RandomGenerator random;
  private final AtomicLong ids;
  private final String cname;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<Integer> ssrcs = new HashSet<>();
  private final Map<Kind, Long> subscriptions = new EnumMap<>(Kind.class);

  ViewerTracks(RandomGenerator random, AtomicLong ids) {
    this.random = random;
    this.ids = ids;
    this.cname = Long.toUnsignedString(random.nextLong(), 36);
  }

  /** Adds a section; the first of each kind gets the track, others stay silent. */
  void add(NegotiatedMedia media, long trackId) {
    if (trackId < 0 || media.codecs().isEmpty() || subscriptions.containsKey(media.kind())) {
      return;
    }
    boolean rtx = media.codecs().stream().anyMatch(c -> c.rtxPayloadType() != 0);
    long id = ids.incrementAndGet();
    subscriptions.put(media.kind(), id);
    entries.add(new Entry(media, id, trackId, freshSsrc(), rtx ? freshSsrc() : 0));
  }

  private int freshSsrc() {
    int ssrc;
    do {
      ssrc = random.nextInt();
    } while (ssrc == 0 || !ssrcs.add(ssrc));
    return ssrc;
  }

  Map<Kind, Long> subscriptions() {
    return subscriptions;
  }

  List<ShardCommand> commands(long transportId) {
    List<ShardCommand> commands = new ArrayList<>();
    for (Entry e : entries) {
      List<ShardCommand.CodecPayload> payloads = new ArrayList<>();
      for (NegotiatedCodec c : e.media.codecs()) {
        StreamDescription.codecNamed(c.name())
            .ifPresent(
                codec ->
                    payloads.add(
                        new ShardCommand.CodecPayload(
                            codec, c.payloadType(), c.rtxPayloadType(), c.redPayloadType())));
      }
      commands.add(
          new ShardCommand.OpenSubscription(
              e.subscriptionId,
              transportId,
              e.trackId,
              e.ssrc,
              e.rtxSsrc,
              cname,
              e.media.mid(),
              List.copyOf(payloads),
              extensions(e.media),
              e.media.codecs().getFirst().ccfb()));
    }
    return commands;
  }

  Map<Integer, LocalTrack> localTracks() {
    Map<Integer, LocalTrack> tracks = new HashMap<>();
    for (Entry e : entries) {
      tracks.put(
          e.media.index(),
          new LocalTrack(
              Integer.toUnsignedLong(e.ssrc),
              Integer.toUnsignedLong(e.rtxSsrc),
              cname,
              "banyan",
              e.media.kind() == Kind.AUDIO ? "audio" : "video"));
    }
    return tracks;
  }

  /** Negotiated identifiers by kind; URIs that the media plane does not know are left out. */
  static ExtensionMap extensions(NegotiatedMedia media) {
    Map<ExtensionKind, Integer> map = new EnumMap<>(ExtensionKind.class);
    for (ExtensionKind kind : ExtensionKind.values()) {
      Integer id = media.extensions().get(kind.uri());
      if (id != null && id >= 1 && id <= 255) {
        map.put(kind, id);
      }
    }
    return new ExtensionMap(map);
  }
}
