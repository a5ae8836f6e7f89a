package live.banyan.signaling.sdp;

import static live.banyan.signaling.sdp.Negotiation.Cause.INVALID;
import static live.banyan.signaling.sdp.Negotiation.Cause.NO_COMMON_CODEC;
import static live.banyan.signaling.sdp.Negotiation.Cause.UNSUPPORTED;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedData;
import live.banyan.signaling.port.MediaPlane.NegotiatedFec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.port.MediaPlane.RemoteSession;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import live.banyan.signaling.sdp.AnswerSection.Accepted;
import live.banyan.signaling.sdp.AnswerSection.DataChannels;
import live.banyan.signaling.sdp.AnswerSection.Declined;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import live.banyan.signaling.sdp.Negotiation.Rejected;
import org.jspecify.annotations.Nullable;

/**
 * Decides how an offer is answered: one transport, at most one audio and one video section, media
 * in one direction, data channels beside them (RFC 9725 §4.4, draft-ietf-wish-whep-04 §4). One
 * object reads one offer.
 */
public final class Negotiator {
  private static final Set<String> PROTOCOLS =
      Set.of("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "RTP/SAVPF");
  private static final int MID_MAX = 255;

  private final SessionDescription offer;

  /** The published tracks, or null when the offer is a publisher's. */
  private final @Nullable Map<Kind, TrackDescription> tracks;

  private final Set<Kind> seen = EnumSet.noneOf(Kind.class);
  private final List<AnswerSection> sections = new ArrayList<>();
  private final List<NegotiatedMedia> media = new ArrayList<>();
  private @Nullable Rejected rejected;
  private @Nullable NegotiatedData data;

  private Negotiator(SessionDescription offer, @Nullable Map<Kind, TrackDescription> tracks) {
    this.offer = offer;
    this.tracks = tracks;
  }

  /** Answers a publisher. A first audio or video section without a common codec rejects it all. */
  public static Negotiation publish(SessionDescription offer) {
    return new Negotiator(offer, null).negotiate();
  }

  /**
   * Answers a viewer of these tracks. Every published kind that the viewer asks for has to have a
   * codec in common; a section without a track is answered inactive, so that BUNDLE stays whole.
   */
  public static Negotiation watch(SessionDescription offer, List<TrackDescription> tracks) {
    Map<Kind, TrackDescription> byKind = new EnumMap<>(Kind.class);
    tracks.forEach(track -> byKind.putIfAbsent(track.kind(), track));
    return new Negotiator(offer, byKind).negotiate();
  }

  private Negotiation negotiate() {
    Optional<Set<String>> bundle = bundle();
    if (!mids()) {
      return new Rejected(INVALID, "Every a=mid of the offer has to be there once.");
    }
    for (int i = 0; i < offer.media().size(); i++) {
      sections.add(section(i, offer.media().get(i), bundle));
      if (rejected != null) {
        return rejected;
      }
    }
    if (media.isEmpty()) {
      return new Rejected(
          UNSUPPORTED,
          tracks == null
              ? "Offer at least one audio or video section with a=sendonly."
              : "Offer at least one audio or video section with a=recvonly for what is published: "
                  + tracks.keySet()
                  + ".");
    }
    MediaSection carrier = carrier(bundle);
    return switch (RemoteTransport.read(offer, carrier)) {
      case RemoteTransport.Unsound unsound -> new Rejected(INVALID, unsound.sentence());
      case RemoteTransport.Sound sound -> agreed(sound.transport(), bundle.isPresent());
    };
  }

  private Negotiation agreed(RemoteTransport transport, boolean bundled) {
    if (!bundled && !oneTransport(transport)) {
      return new Rejected(
          UNSUPPORTED,
          "Offer all sections in one a=group:BUNDLE (in a browser: bundlePolicy 'max-bundle').");
    }
    RemoteSession remote =
        new RemoteSession(
            transport.ufrag(),
            transport.password(),
            transport.fingerprintAlgorithm(),
            transport.fingerprint(),
            transport.dtlsClient(),
            List.copyOf(media),
            data);
    return new Agreed(offer, remote, sections, bundled, tracks != null);
  }

  /** The mids of the first BUNDLE group, its tagged one first; empty without BUNDLE. */
  private Optional<Set<String>> bundle() {
    for (String group : offer.all("group")) {
      String[] words = group.strip().split(" +");
      if (words[0].equals("BUNDLE") && words.length > 1) {
        return Optional.of(new LinkedHashSet<>(List.of(words).subList(1, words.length)));
      }
    }
    return Optional.empty();
  }

  private boolean mids() {
    Set<String> known = new LinkedHashSet<>();
    for (MediaSection section : offer.media()) {
      Optional<String> mid = section.attribute("mid");
      if (mid.isPresent()
          && (mid.get().isEmpty()
              || mid.get().length() > MID_MAX
              || mid.get().indexOf(' ') >= 0
              || !known.add(mid.get()))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The section whose ICE and DTLS lines count: the one that the offer's BUNDLE group names first
   * (RFC 9143 §7.2), since bundle-only sections may leave them out.
   */
  private MediaSection carrier(Optional<Set<String>> bundle) {
    if (bundle.isPresent()) {
      for (String mid : bundle.get()) {
        for (MediaSection section : offer.media()) {
          if (section.attribute("mid").filter(mid::equals).isPresent()
              && offer.attribute(section, "ice-ufrag").isPresent()) {
            return section;
          }
        }
      }
    }
    return offer.media().get(media.getFirst().index());
  }

  /** Without BUNDLE, sections share a transport only when they name the same one. */
  private boolean oneTransport(RemoteTransport transport) {
    for (AnswerSection section : sections) {
      if (section instanceof Accepted accepted
          && !(RemoteTransport.read(offer, accepted.offered()) instanceof RemoteTransport.Sound s
              && s.transport().equals(transport))) {
        return false;
      }
    }
    return true;
  }

  private AnswerSection section(int index, MediaSection section, Optional<Set<String>> bundle) {
    Kind kind =
        switch (section.kind()) {
          case "audio" -> Kind.AUDIO;
          case "video" -> Kind.VIDEO;
          default -> null;
        };
    boolean offered = section.port() != 0 || section.has("bundle-only");
    boolean inBundle =
        bundle.isEmpty() || section.attribute("mid").filter(bundle.get()::contains).isPresent();
    Optional<DataSection> channels = DataSection.read(section);
    // Outside of BUNDLE they would be a transport of their own.
    if (channels.isPresent() && offered && inBundle && bundle.isPresent() && data == null) {
      data = new NegotiatedData(channels.get().messageBytesMax());
      return new DataChannels(section);
    }
    if (kind == null
        || !offered
        || !inBundle
        || !PROTOCOLS.contains(section.protocol())
        || seen.contains(kind)) {
      return new Declined(section);
    }
    Direction theirs = Direction.of(offer, section);
    boolean flows = tracks == null ? theirs.sends : theirs.receives && tracks.containsKey(kind);
    if (flows && !section.has("rtcp-mux")) {
      rejected =
          new Rejected(
              UNSUPPORTED, "Offer a=rtcp-mux in every section: there is one port for all.");
      return new Declined(section);
    }
    if (flows) {
      seen.add(kind);
      return accept(index, section, kind);
    }
    return bundle.isPresent() ? idle(section, kind) : new Declined(section);
  }

  /** A section that carries nothing stays in the bundle when a later one cannot need its place. */
  private AnswerSection idle(MediaSection section, Kind kind) {
    List<OfferedCodec> offered = OfferedCodec.read(section);
    List<OfferedCodec> common = Codecs.publishable(offered, kind);
    if (common.isEmpty() || !section.has("rtcp-mux")) {
      return new Declined(section);
    }
    List<NegotiatedCodec> codecs = Codecs.agree(common, offered, false, false);
    return new Accepted(section, Direction.INACTIVE, codecs, List.of(), List.of(), false, null);
  }

  private AnswerSection accept(int index, MediaSection section, Kind kind) {
    List<OfferedCodec> offered = OfferedCodec.read(section);
    TrackDescription track = tracks == null ? null : tracks.get(kind);
    List<OfferedCodec> common =
        track == null
            // One codec a publication: a publisher could switch to any other that is answered.
            ? Codecs.publishable(offered, kind).stream().limit(1).toList()
            : Codecs.watchable(offered, kind, track);
    if (common.isEmpty()) {
      rejected = noCommonCodec(kind, track, offered);
      return new Declined(section);
    }
    boolean towardsViewer = track != null;
    List<HeaderExtension> extensions =
        HeaderExtension.choose(
            section,
            towardsViewer
                ? RtpExtensions.toViewers(
                    kind == Kind.VIDEO && Codecs.reportArrivals(common, offered))
                : RtpExtensions.FROM_PUBLISHERS,
            towardsViewer);
    Map<String, Integer> ids = new LinkedHashMap<>();
    extensions.forEach(extension -> ids.put(extension.uri(), extension.id()));
    List<NegotiatedCodec> codecs =
        Codecs.agree(
            common, offered, ids.containsKey(RtpExtensions.TRANSPORT_SEQUENCE), towardsViewer);
    // Without the rid extension nothing in a packet would tell the encodings apart.
    List<String> rids =
        !towardsViewer && ids.containsKey(RtpExtensions.RID) ? Rids.offered(section) : List.of();
    // A viewer's sources only send receiver reports; they are no media.
    Ssrcs ssrcs = towardsViewer ? new Ssrcs(List.of(), Map.of(), Map.of()) : Ssrcs.read(section);
    OfferedCodec fec = towardsViewer || !rids.isEmpty() ? null : Codecs.fec(offered, ssrcs);
    media.add(
        new NegotiatedMedia(
            index,
            section.attribute("mid").orElse(null),
            kind,
            codecs,
            ids,
            ssrcs.all(),
            ssrcs.rtx(),
            Rids.lowestFirst(section, rids),
            fec == null
                ? null
                : new NegotiatedFec(fec.payloadType(), ssrcs.fec().values().iterator().next())));
    boolean stereo =
        kind == Kind.AUDIO
            && Codecs.stereo(track == null ? codecs.getFirst().fmtp() : track.fmtp());
    return new Accepted(
        section,
        towardsViewer ? Direction.SENDONLY : Direction.RECVONLY,
        codecs,
        extensions,
        rids,
        stereo,
        fec);
  }

  private static Rejected noCommonCodec(
      Kind kind, @Nullable TrackDescription track, List<OfferedCodec> offered) {
    String names =
        offered.stream()
            .map(OfferedCodec::name)
            .filter(name -> !name.equalsIgnoreCase("rtx"))
            .distinct()
            .limit(12)
            .collect(Collectors.joining(", "));
    String theirs = names.isEmpty() ? "none" : names;
    String sentence =
        track == null
            ? "No "
                + (kind == Kind.AUDIO
                    ? "audio codec in common: offer opus/48000/2"
                    : "video codec in common: offer VP8, VP9, H264 or AV1")
                + " (offered: "
                + theirs
                + ")."
            : "This stream's "
                + (kind == Kind.AUDIO ? "sound" : "picture")
                + " is "
                + track.codecName()
                + (track.fmtp().isEmpty() ? "" : " (" + track.fmtp() + ")")
                + ", which is not among what this player can decode ("
                + theirs
                + "): use a player that has it, or ask the broadcaster for another codec.";
    return new Rejected(NO_COMMON_CODEC, sentence);
  }
}
