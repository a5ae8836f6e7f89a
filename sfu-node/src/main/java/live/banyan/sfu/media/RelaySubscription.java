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

  /** Of packets without a payload that only keep the link's numbers together. */
  public static final int STEP_PAYLOAD_TYPE = 127;

  /**
   * A receiver loses count of what it has not seen for 32,768 numbers (RFC 3711 §3.3.1): of eight
   * steps one has to arrive.
   */
  private static final int STEP = 1 << 12;

  private static final int ROLLOVER = 1 << 16;

  /**
   * How far before or after this node a child can be that goes on from another parent, in packets;
   * more than caches hold. Further away it means nothing: the layer has rested at one of the two.
   */
  private static final int REACH = 1 << 13;

  /** A child that has not said by then what it needs never will: it needs all. */
  private static final long SILENT_NS = 3_000_000_000L;

  /** What a child has said about a layer. */
  private enum Need {
    /** Nothing: it is sent what comes, and nobody is asked for it. */
    UNTOLD,
    NEEDED,
    NOT_NEEDED
  }

  // Viewers behind the child wait for it.
  private static final int REPLAY_SPEED = 16;

  private static final HeaderTemplate TEMPLATE =
      new HeaderTemplate(ExtensionMap.RELAY, new byte[0], false);

  private final int layerIndex;
  private long from;
  // Distance between this node's extended sequence numbers and the link's, whole rollovers only:
  // a receiver's rollover counter starts at 0 (RFC 3711 §3.3.1), ours may be past that.
  private long base = -1;
  private Need need = Need.UNTOLD;
  private long openedNs = Long.MIN_VALUE;
  // What is below was there before the last pause: its numbers on the link may be others' now.
  private long floor;
  private long highestOut = -1;

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

  /** The child has said whether it needs the layer; without need it is not sent. */
  public void need(boolean needed) {
    need = needed ? Need.NEEDED : Need.NOT_NEEDED;
    if (!needed) {
      current = null;
      from = FROM_NOW; // it is no use to know by then what the child has now
    }
  }

  @Override
  int needed(Track track, long nowNs) {
    openedNs = openedNs == Long.MIN_VALUE ? nowNs : openedNs;
    boolean silent = need == Need.UNTOLD && nowNs - openedNs >= SILENT_NS;
    return need == Need.NEEDED || silent ? 1 << layerIndex : 0;
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
    if (need == Need.NOT_NEEDED) {
      return false;
    }
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
    if (highestOut >= 0) {
      resume(layer, nowNs);
    } else if (from != FROM_NOW && Math.abs(resolved(layer) - layer.highest()) < REACH) {
      cursor = Math.max(0, resolved(layer));
    } else if (layer.startable(nowNs, KEYFRAME_AGE_NS)) {
      cursor = layer.keyframeSequence();
    } else {
      cursor = layer.highestBefore() + 1;
    }
  }

  /** The child's rollover counter may differ from ours; two seconds of packets need 16 bits. */
  private long resolved(Layer layer) {
    return layer.resolve((int) from);
  }

  /** Goes on after a pause with what somebody there can begin with. */
  private void resume(Layer layer, long nowNs) {
    boolean young = layer.startable(nowNs, KEYFRAME_AGE_NS);
    if (!young) {
      requestKeyframe();
    }
    cursor = Math.max(cursor, young ? layer.keyframeSequence() : layer.highestBefore() + 1);
    floor = cursor;
  }

  @Override
  boolean mayLeave(PacketCache cache, int slot, long nowNs) {
    return true;
  }

  @Override
  boolean covers(Layer layer, long sequence) {
    return base >= 0 && sequence >= Math.max(base, floor);
  }

  @Override
  void sendNew(Forwarder forwarder, Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    if (base < 0) {
      base = cache.extendedSequence(slot) & ~0xFFFFL;
    }
    Codec codec = layer.track().codec();
    goOn(forwarder, cache.extendedSequence(slot));
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
    highestOut = Math.max(highestOut, cache.extendedSequence(slot) - base);
    onSent(cache.payloadLength(slot), nowNs);
  }

  /** Leads the child's count from where it was left to a packet that is far ahead. */
  private void goOn(Forwarder forwarder, long sequence) {
    if (highestOut >= 0 && sequence - base - highestOut > STEP) {
      if (floor <= base + highestOut) {
        floor = sequence; // the pause was further up; what is between must not come any more
      }
      // Whole rollovers that the child has not seen need not be.
      long ahead = sequence - base - highestOut - 1;
      base += ahead / ROLLOVER * ROLLOVER;
      for (long step = highestOut + STEP; step < floor - base; step += STEP) {
        forwarder.sendEmpty(outlet(), TEMPLATE, step, STEP_PAYLOAD_TYPE, 0, ssrc());
      }
    }
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
