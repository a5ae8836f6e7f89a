package live.banyan.sfu.shard;

/**
 * What a shard tells the control plane. Handed to a consumer on the shard's thread: do not block.
 */
public sealed interface ShardEvent {

  /** A DTLS datagram of a transport that passed its ICE check. */
  record Dtls(long transportId, byte[] datagram) implements ShardEvent {}

  /** A STUN datagram that belongs to a link's ICE. */
  record LinkStun(long transportId, byte[] datagram, long addressHigh, long addressLow, int port)
      implements ShardEvent {}

  /** The first authenticated, nominated check of a client: a DTLS client hello may be sent now. */
  record TransportConnected(long transportId) implements ShardEvent {}

  /** The transport ended by itself; its sources and subscriptions are closed. */
  record TransportGone(long transportId, GoneReason reason) implements ShardEvent {}

  /** Why a transport ended by itself. */
  enum GoneReason {
    /** Never connected within its time. */
    NEVER_CONNECTED,
    /** 4 s without an authenticated packet. */
    SILENT
  }

  /** The first packet of a source arrived. */
  record SourceFlowing(long trackId, long transportId) implements ShardEvent {}

  /** A source that flowed has been silent for longer than its arrival pattern explains. */
  record SourceSilent(long trackId, long transportId) implements ShardEvent {}

  /** The first media packet left towards a subscriber. */
  record SubscriptionFlowing(long subscriptionId) implements ShardEvent {}

  /**
   * Which layers of a track somebody at this node, or a child, needs now; of tracks with sources
   * here and more than one layer, whenever that changes.
   *
   * @param layers a bit for each, the lowest one's first; at least one is set
   */
  record LayersNeeded(long trackId, int layers) implements ShardEvent {}

  /** RTCP BYE from a publisher for all its SSRCs of the transport. */
  record SourceBye(long trackId, long transportId) implements ShardEvent {}
}
