package live.banyan.node.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import live.banyan.sfu.codec.Codec;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.port.MediaPlane.RemoteSession;

/**
 * What a publisher's negotiated m-sections amount to.
 *
 * @param tracks at most {@link StreamDescription#TRACKS_MAX}; what is beyond is left out
 * @param sections the m-section of each track, by index
 */
record PublishedMedia(List<StreamDescription.Track> tracks, List<Integer> sections) {
  static PublishedMedia of(RemoteSession remote) {
    List<StreamDescription.Track> tracks = new ArrayList<>();
    List<Integer> sections = new ArrayList<>();
    for (NegotiatedMedia media : remote.media()) {
      Optional<Codec> codec =
          media.codecs().isEmpty()
              ? Optional.empty()
              : StreamDescription.codecNamed(media.codecs().getFirst().name());
      if (codec.isPresent() && tracks.size() < StreamDescription.TRACKS_MAX) {
        tracks.add(track(codec.get(), media));
        sections.add(media.index());
      }
    }
    return new PublishedMedia(List.copyOf(tracks), List.copyOf(sections));
  }

  private static StreamDescription.Track track(Codec codec, NegotiatedMedia media) {
    NegotiatedCodec first = media.codecs().getFirst();
    List<String> rids = media.rids().stream().limit(StreamDescription.LAYERS_MAX).toList();
    return new StreamDescription.Track(
        codec.name(),
        first.channels(),
        first.fmtp(),
        Math.max(1, rids.size()),
        first.pli() || first.fir(),
        rids);
  }
}
