package live.banyan.sfu.media;

import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;

/**
 * A child node's subscription to one layer. Sequence numbers and timestamps stay the publisher's,
 * so that the child can fill a hole from any parent; only SSRC, payload type and extension ids are
 * the link's.
 */
public final class RelaySubscription extends Subscription {
  /** The child has nothing yet: begin at a young keyframe, or with what comes. */
  public static final long FROM_NOW = -1;

  // Viewers behind the child wait for it.
  private static final int REPLAY_SPEED = 16;

  private static final HeaderTemplate TEMPLATE =
      new HeaderTemplate(ExtensionMap.RELAY, new byte[0], false);

  private final int layerIndex;
  private final long from;
  // Distance between this node's extended sequence numbers and the link's, whole rollovers only:
  // a receiver's rollover counter starts at 0 (RFC 3711 §3.3.1), ours may be past that.
  private long base = -1;

  /**
   * Opens a subscription.
   *
   * @param from first packet wanted, of which the low 16 bits count, or {@link #FROM_NOW}
   */
  public RelaySubscription(
      long id,
      Outlet outlet,
      int layerIndex,
      int ssrc,
      int rtxSsrc,
      long from,
      RandomGenerator random) {
    super(id, outlet, ssrc, rtxSsrc, random.nextInt(1 << 14), REPLAY_SPEED);
    this.layerIndex = layerIndex;
    this.from = from;
  }

  @Override
  void share(HeaderTemplates templates) {
    // All relays have the one template already.
  }

  @Override
  public void requestKeyframe() {
    Track track = track();
    if (track != null && !track.codec().audio() && layerIndex < track.layerCount()) {
      track.layer(layerIndex).keyframes().request();
    }
  }

  @Override
  public int outgoingTimestamp(int rtp) {
    return rtp;
  }

  @Override
  public boolean steady() {
    return current != null;
  }

  @Override
  boolean choose(Track track, long nowNs) {
    if (current == null && layerIndex < track.layerCount()) {
      start(track.layer(layerIndex), nowNs);
    }
    Layer layer = current;
    if (layer == null) {
      return false;
    }
    cursor = Math.max(cursor, layer.highest() - layer.cache().slots() + 1);
    return true;
  }

  private void start(Layer layer, long nowNs) {
    if (layer.highest() < 0) {
      return;
    }
    current = layer;
    if (from != FROM_NOW) {
      // The child's rollover counter may differ from ours; two seconds of packets need 16 bits.
      cursor = Math.max(0, layer.resolve((int) from));
    } else if (layer.startable(nowNs, KEYFRAME_AGE_NS)) {
      cursor = layer.keyframeSequence();
    } else {
      cursor = layer.highestBefore() + 1;
    }
  }

  @Override
  boolean mayLeave(PacketCache cache, int slot, long nowNs) {
    return true;
  }

  @Override
  boolean covers(Layer layer, long sequence) {
    return base >= 0 && sequence >= base;
  }

  @Override
  void sendNew(Forwarder forwarder, Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    if (base < 0) {
      base = cache.extendedSequence(slot) & ~0xFFFFL;
    }
    Codec codec = layer.track().codec();
    cache.restorePayload(slot);
    forwarder.send(
        outlet(),
        TEMPLATE,
        cache,
        slot,
        cache.extendedSequence(slot) - base,
        codec.relayPayloadType(),
        cache.timestamp(slot),
        ssrc());
    onSent(cache.payloadLength(slot), nowNs);
  }

  @Override
  void resend(Forwarder forwarder, int sequence, long nowNs) {
    Layer layer = current;
    if (layer == null || rtxSsrc() == 0) {
      return;
    }
    PacketCache cache = layer.cache();
    int slot = cache.slotOf(layer.resolve(sequence));
    if (slot < 0 || !mayResend(sequence, nowNs)) {
      return;
    }
    cache.restorePayload(slot);
    forwarder.sendRtx(
        outlet(),
        TEMPLATE,
        cache,
        slot,
        sequence,
        nextRtxSequence(),
        layer.track().codec().relayPayloadType() + 1,
        cache.timestamp(slot),
        rtxSsrc(),
        null);
  }
}
