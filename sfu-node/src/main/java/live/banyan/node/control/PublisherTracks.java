package live.banyan.node.control;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedFec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;

/** Turns the accepted m-sections of a publisher's offer into sources of tracks. */
final class PublisherTracks {
  private final long transportId;
  private final List<NegotiatedMedia> sections;

  PublisherTracks(Session session) {
    this.transportId = session.transportId;
    this.sections =
        session.remote.media().stream().filter(m -> session.sections.contains(m.index())).toList();
  }

  List<ExtensionMap> extensions() {
    return sections.stream().map(ViewerTracks::extensions).toList();
  }

  /** One source per track, in the same order. */
  List<ShardCommand.AddSource> sources(long[] trackIds) {
    List<ShardCommand.AddSource> sources = new ArrayList<>();
    for (int i = 0; i < trackIds.length; i++) {
      NegotiatedMedia media = sections.get(i);
      NegotiatedCodec codec = media.codecs().getFirst();
      sources.add(
          new ShardCommand.AddSource(
              trackIds[i],
              transportId,
              media.mid(),
              codec.payloadType(),
              codec.rtxPayloadType(),
              layers(media),
              codec.nack(),
              codec.pli(),
              codec.fir(),
              redundancy(media, codec),
              codec.remb()));
    }
    return sources;
  }

  private static ShardCommand.Redundancy redundancy(NegotiatedMedia media, NegotiatedCodec codec) {
    NegotiatedFec fec = media.fec();
    return fec == null
        ? new ShardCommand.Redundancy(codec.redPayloadType(), 0, 0)
        : new ShardCommand.Redundancy(codec.redPayloadType(), fec.payloadType(), (int) fec.ssrc());
  }

  private static List<ShardCommand.SourceLayer> layers(NegotiatedMedia media) {
    if (!media.rids().isEmpty()) {
      return media.rids().stream()
          .limit(StreamDescription.LAYERS_MAX)
          .map(rid -> new ShardCommand.SourceLayer(rid, 0, 0))
          .toList();
    }
    // The lines' order tells nothing: a repair SSRC may come before the one that it repairs.
    NegotiatedFec fec = media.fec();
    long repairs = fec == null ? 0 : fec.ssrc();
    long ssrc =
        media.ssrcs().stream()
            .filter(s -> s != repairs && !media.rtxSsrcs().containsValue(s))
            .findFirst()
            .orElse(0L);
    long rtx = media.rtxSsrcs().getOrDefault(ssrc, 0L);
    return List.of(new ShardCommand.SourceLayer(null, (int) ssrc, (int) rtx));
  }
}
