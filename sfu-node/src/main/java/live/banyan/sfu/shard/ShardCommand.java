package live.banyan.sfu.shard;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtp.ExtensionMap;

/**
 * What the control plane may ask of a shard. Identifiers are chosen by the control plane, unique
 * for the life of the process. A command that names something gone is counted and otherwise
 * ignored: between deciding and executing, the thing may have ended.
 */
public sealed interface ShardCommand {

  /** An ICE-lite transport towards a browser or another client; answers checks from now on. */
  record OpenTransport(long transportId, IceCredentials local, IceCredentials remote)
      implements ShardCommand {}

  /**
   * New credentials for a living transport; the old pair stays valid until the new one is
   * nominated.
   */
  record RestartIce(long transportId, IceCredentials local, IceCredentials remote)
      implements ShardCommand {}

  /**
   * A node-to-node transport whose ICE is done elsewhere: STUN requests that are signed with its
   * password, and other STUN from addresses that this transport has sent to, leave as {@link
   * ShardEvent.LinkStun}.
   */
  record OpenLink(long transportId, IceCredentials local) implements ShardCommand {}

  /** The address that a link's ICE has chosen; media and DTLS flow there from now on. */
  record SelectLinkPath(long transportId, long addressHigh, long addressLow, int port)
      implements ShardCommand {}

  /**
   * Sends a DTLS datagram to the transport's selected address; dropped and counted when none is.
   */
  record Send(long transportId, byte[] datagram) implements ShardCommand {}

  /** Sends one datagram of a link's ICE to an address of its choice. */
  record SendTo(long transportId, byte[] datagram, long addressHigh, long addressLow, int port)
      implements ShardCommand {}

  /** The handshake is done: the shard owns and finally closes the cipher. */
  record InstallCipher(long transportId, PacketCipher cipher) implements ShardCommand {}

  /**
   * Says when the transport last had an authenticated packet, in {@link System#nanoTime}; after
   * what has arrived until now is read, so that this end's own stall is not the peer's silence.
   *
   * @param answer called on the shard's thread, unless the transport is gone: do not block
   */
  record TellHeard(long transportId, LongConsumer answer) implements ShardCommand {}

  /** Ends a transport with its sources and subscriptions; emits no TransportGone. */
  record CloseTransport(long transportId) implements ShardCommand {}

  /**
   * A track of one epoch of a stream, as this node holds it: packet caches and subscriptions, fed
   * by one source (a publisher) or several (parents, while changing them).
   *
   * @param layers simulcast encodings, lowest first; 1 without simulcast
   * @param extensions identifiers in the packets as they arrive
   */
  record OpenTrack(long trackId, Codec codec, int layers, ExtensionMap extensions)
      implements ShardCommand {}

  /**
   * Where a track's packets come from.
   *
   * @param mid value of the MID extension, or null where the offer had none
   * @param layers one entry per layer of the track, same order
   * @param nack the far end repairs losses on NACK
   * @param pli the far end makes a keyframe on PLI; else FIR where {@code fir}
   * @param redundancy what the far end may send beside or around the packets
   * @param remb the far end wants to be told what its path bears, and takes no feedback of arrivals
   */
  record AddSource(
      long trackId,
      long transportId,
      @org.jspecify.annotations.Nullable String mid,
      int payloadType,
      int rtxPayloadType,
      List<SourceLayer> layers,
      boolean nack,
      boolean pli,
      boolean fir,
      Redundancy redundancy,
      boolean remb)
      implements ShardCommand {

    /** A source that is told nothing of its path, or by transport-wide feedback. */
    public AddSource(
        long trackId,
        long transportId,
        @org.jspecify.annotations.Nullable String mid,
        int payloadType,
        int rtxPayloadType,
        List<SourceLayer> layers,
        boolean nack,
        boolean pli,
        boolean fir,
        Redundancy redundancy) {
      this(
          trackId,
          transportId,
          mid,
          payloadType,
          rtxPayloadType,
          layers,
          nack,
          pli,
          fir,
          redundancy,
          false);
    }

    /** A source without redundancy. */
    public AddSource(
        long trackId,
        long transportId,
        @org.jspecify.annotations.Nullable String mid,
        int payloadType,
        int rtxPayloadType,
        List<SourceLayer> layers,
        boolean nack,
        boolean pli,
        boolean fir) {
      this(
          trackId,
          transportId,
          mid,
          payloadType,
          rtxPayloadType,
          layers,
          nack,
          pli,
          fir,
          Redundancy.NONE);
    }
  }

  /**
   * Repairs that nobody has to ask for.
   *
   * @param redPayloadType packets of it hold older audio frames too (RFC 2198); 0 for none
   * @param fecPayloadType of flexfec-03 repair packets for the only layer; 0 for none
   * @param fecSsrc their SSRC; 0 where the offer did not tell
   */
  record Redundancy(int redPayloadType, int fecPayloadType, int fecSsrc) {
    /** Nothing is sent twice. */
    public static final Redundancy NONE = new Redundancy(0, 0, 0);
  }

  /**
   * One simulcast encoding of a source. SSRCs are 0 where the offer did not tell: then the first
   * packet with this rid (or mid, or payload type) binds it.
   */
  record SourceLayer(@org.jspecify.annotations.Nullable String rid, int ssrc, int rtxSsrc) {}

  /** Ends one source of a track; the track and what it has cached stay. */
  record RemoveSource(long trackId, long transportId) implements ShardCommand {}

  /**
   * Ends a track with its sources; its subscriptions stay and wait for a {@link MoveSubscription}.
   */
  record CloseTrack(long trackId) implements ShardCommand {}

  /**
   * A viewer's subscription: sequence numbers, timestamps and picture ids are continuous for the
   * viewer whatever track or layer feeds it.
   *
   * @param payloadTypes what this viewer calls each codec; a track of a codec that is not in the
   *     list is not forwarded
   * @param extensions identifiers on the way out
   * @param mid written into the MID extension where that has an identifier
   * @param streamFeedback the viewer reports arrivals by stream (RFC 8888)
   */
  record OpenSubscription(
      long subscriptionId,
      long transportId,
      long trackId,
      int ssrc,
      int rtxSsrc,
      String cname,
      @org.jspecify.annotations.Nullable String mid,
      List<CodecPayload> payloadTypes,
      ExtensionMap extensions,
      boolean streamFeedback)
      implements ShardCommand {

    /** A subscription whose viewer reports arrivals by transport-wide numbers, or not at all. */
    public OpenSubscription(
        long subscriptionId,
        long transportId,
        long trackId,
        int ssrc,
        int rtxSsrc,
        String cname,
        @org.jspecify.annotations.Nullable String mid,
        List<CodecPayload> payloadTypes,
        ExtensionMap extensions) {
      this(
          subscriptionId,
          transportId,
          trackId,
          ssrc,
          rtxSsrc,
          cname,
          mid,
          payloadTypes,
          extensions,
          false);
    }
  }

  /**
   * What a viewer calls a codec.
   *
   * @param rtxPayloadType 0 where the viewer has no RTX for it
   * @param redPayloadType 0 where the viewer takes no redundant audio (RFC 2198) of it
   */
  record CodecPayload(Codec codec, int payloadType, int rtxPayloadType, int redPayloadType) {
    /** A codec without redundancy. */
    public CodecPayload(Codec codec, int payloadType, int rtxPayloadType) {
      this(codec, payloadType, rtxPayloadType, 0);
    }
  }

  /**
   * A child node's subscription to one layer: sequence numbers and timestamps stay the publisher's,
   * payload types are {@link Codec#relayPayloadType()}, extensions {@link ExtensionMap#RELAY}.
   *
   * @param fromExtendedSequence first packet wanted, replayed from the cache; its low 16 bits
   *     count, since rollover counters differ from node to node. -1: only what comes
   */
  record OpenRelay(
      long subscriptionId,
      long transportId,
      long trackId,
      int layer,
      int ssrc,
      int rtxSsrc,
      long fromExtendedSequence)
      implements ShardCommand {}

  /**
   * Says whether a child needs the layer of a relay. Without need it is not sent; with it the child
   * gets it from a young keyframe on, or one is asked for. Before anything is said it is sent what
   * comes, and nobody is asked to send more for its sake.
   */
  record NeedLayer(long subscriptionId, boolean needed) implements ShardCommand {}

  /** The viewer goes on with another track: the stream's next epoch. */
  record MoveSubscription(long subscriptionId, long trackId) implements ShardCommand {}

  /**
   * Asks how far each layer of some tracks has come.
   *
   * @param answer told on the shard's thread: per track and layer the highest extended sequence
   *     number, -1 without a packet or where none has come for long; a track that is gone has no
   *     layers
   */
  record TellPositions(List<Long> trackIds, Consumer<long[][]> answer) implements ShardCommand {}

  /**
   * Checks for a fragment that hashes to this shard are for another one, since ICE restarts do not
   * move a transport.
   */
  record PassChecks(String localUfrag, int shard) implements ShardCommand {}

  /** The shard, of so many, whose a transport with this {@link IceUfrag#key} is. */
  static int shardOf(long ufragKey, int shards) {
    long mixed = ufragKey * 0x9E37_79B9_7F4A_7C15L;
    return (int) ((mixed >>> 33) % shards);
  }

  /**
   * Keeps a viewer at or below a layer; it changes at that layer's next keyframe, which is asked
   * for where one is needed. Holds until the next such command, whatever track feeds the viewer.
   *
   * @param highest 0 is the lowest encoding; {@code Integer.MAX_VALUE} lets the shard choose
   * @param spatial likewise, of the layers inside an encoding; so is {@code temporal}
   */
  record LimitLayer(long subscriptionId, int highest, int spatial, int temporal)
      implements ShardCommand {
    public LimitLayer(long subscriptionId, int highest) {
      this(subscriptionId, highest, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }
  }

  /**
   * Says how much a viewer cares for a picture: of what its path bears, pictures of a higher
   * priority get better layers first. Holds until the next such command.
   *
   * @param priority 1 before anything was said; 0: nobody looks at it, so that the lowest layer
   *     will do, and none where the path does not bear that beside sound
   */
  record Prioritise(long subscriptionId, int priority) implements ShardCommand {}

  /**
   * Asks what is known of a track's layers.
   *
   * @param answer told on the shard's thread, lowest first; none for a track that is gone
   */
  record TellLayers(long trackId, Consumer<List<LayerState>> answer) implements ShardCommand {}

  /**
   * A layer as its packets tell.
   *
   * @param flowing packets have come within the last second, or would if somebody took them
   * @param width of the newest keyframe in pixels, 0 where unknown; {@code height} likewise
   * @param inside its spatial and temporal layers, lowest first; none where it has one of each
   */
  record LayerState(boolean flowing, int width, int height, List<InnerState> inside) {
    /** Nothing has come of it. */
    public static final LayerState SILENT = new LayerState(false, 0, 0, List.of());
  }

  /** Likewise of a spatial and temporal layer inside an encoding. */
  record InnerState(int spatial, int temporal, boolean flowing, int width, int height) {}

  /**
   * Asks how loud a sound is now.
   *
   * @param answer told on the shard's thread; null where its packets tell no levels, or the track
   *     is gone
   */
  record TellSound(long trackId, Consumer<@org.jspecify.annotations.Nullable SoundState> answer)
      implements ShardCommand {}

  /**
   * A sound as the levels of its packets tell (RFC 6464).
   *
   * @param levelDbov -127 to 0
   */
  record SoundState(boolean speaking, int levelDbov) {}

  /** Ends a subscription; sends RTCP BYE for its SSRC. */
  record CloseSubscription(long subscriptionId) implements ShardCommand {}
}
