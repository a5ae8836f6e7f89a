package live.banyan.sfu.media;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;
import org.jspecify.annotations.Nullable;

/**
 * A viewer's subscription: one continuous stream whatever layer or epoch feeds it. Video begins at
 * a keyframe and changes layers at keyframes only; audio begins at once.
 */
public final class ViewerSubscription extends Subscription {
  // A frame of a burst comes within this time of the one before it; live video does not.
  private static final long BURST_GAP_NS = 6_000_000;
  private static final long STEP_MIN_NS = 1_000_000;
  // A second in an eighth of one: 20 Mbit/s for a stream of 2.5, which home lines bear for so long.
  private static final int REPLAY_SPEED = 8;

  private final LayerSelector selector = new LayerSelector();
  private final RtpRewriter rewriter;
  private final HeaderTemplate template;
  private final int[] payloadTypes;
  private final int[] rtxPayloadTypes;
  private boolean beginPending;
  private long frameArrivalNs;
  private int frameTimestamp;

  /**
   * Opens a subscription that waits for its track.
   *
   * @param payloadTypes by {@link Codec#ordinal()}; 0 where the viewer cannot take the codec
   * @param rtxPayloadTypes likewise; 0 where the viewer has no RTX for the codec
   */
  public ViewerSubscription(
      long id,
      Outlet outlet,
      int ssrc,
      int rtxSsrc,
      @Nullable String mid,
      int[] payloadTypes,
      int[] rtxPayloadTypes,
      ExtensionMap extensions,
      RandomGenerator random) {
    super(id, outlet, ssrc, rtxSsrc, random.nextInt(1 << 14), REPLAY_SPEED);
    this.payloadTypes = payloadTypes.clone();
    this.rtxPayloadTypes = rtxPayloadTypes.clone();
    byte[] midBytes = mid == null ? new byte[0] : mid.getBytes(StandardCharsets.US_ASCII);
    template = new HeaderTemplate(extensions, midBytes);
    rewriter =
        new RtpRewriter(random.nextInt(1, 1 << 14), random.nextInt(), random.nextInt(1 << 14));
  }

  /** Keeps the viewer at or below a layer; 0 is the lowest. */
  public void allowUpTo(int layerIndex) {
    selector.allowUpTo(layerIndex);
  }

  @Override
  public void requestKeyframe() {
    Layer layer = current;
    if (layer != null && !layer.track().codec().audio()) {
      layer.keyframes().request();
    }
  }

  @Override
  public int outgoingTimestamp(int rtp) {
    return rtp + rewriter.timestampOffset();
  }

  @Override
  public boolean steady() {
    return current != null && !beginPending && rewriter.started() && !rewriter.squeezed();
  }

  @Override
  boolean choose(Track track, long nowNs) {
    if (payloadTypes[track.codec().ordinal()] == 0) {
      return false;
    }
    if (track.codec().audio()) {
      if (current == null) {
        Layer layer = track.layer(0);
        start(layer, layer.highestBefore() + 1);
      }
    } else {
      chooseVideo(track, nowNs);
    }
    Layer layer = current;
    if (layer == null) {
      return false;
    }
    if (layer.highest() - cursor >= layer.cache().slots()) {
      // More was skipped than a decoder could bridge: close the hole, and ask for a fresh start.
      start(layer, layer.highest() - layer.cache().slots() + 1);
      requestKeyframe();
    }
    return true;
  }

  private void chooseVideo(Track track, long nowNs) {
    Layer now = current;
    Layer target = selector.target(track, now, nowNs);
    if (target == null || target == now) {
      return;
    }
    if (now == null) {
      Layer startable = selector.startable(track, nowNs, KEYFRAME_AGE_NS);
      if (startable == null) {
        target.keyframes().request();
      } else {
        start(startable, startable.keyframeSequence());
      }
    } else if (target.keyframeFresh()) {
      start(target, target.keyframeSequence());
    } else {
      target.keyframes().request();
    }
  }

  private void start(Layer layer, long sequence) {
    current = layer;
    cursor = sequence;
    beginPending = true;
  }

  @Override
  boolean covers(Layer layer, long sequence) {
    return !beginPending; // the rewriter knows the rest
  }

  @Override
  void sendNew(Forwarder forwarder, Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    if (beginPending || frameTimestamp != cache.timestamp(slot)) {
      onFrame(layer, slot, nowNs);
    }
    int segment = rewriter.segmentOf(cache.extendedSequence(slot), cache.timestamp(slot));
    if (segment < 0) {
      return;
    }
    long out = rewriter.advance(segment, cache, slot);
    write(forwarder, cache, slot, segment, out, payloadTypes[layer.track().codec().ordinal()]);
    onSent(cache.payloadLength(slot), nowNs);
  }

  private void onFrame(Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    int timestamp = cache.timestamp(slot);
    long arrivalNs = cache.arrivalNs(slot);
    Codec codec = layer.track().codec();
    if (beginPending) {
      beginPending = false;
      // The viewer's clock runs on with the time that passed since the last frame.
      long elapsedNs = Math.max(STEP_MIN_NS, arrivalNs - frameArrivalNs);
      int step = rewriter.started() ? ticks(elapsedNs, codec) : 0;
      // Frames of a replay come at once; were their timestamps kept, the viewer would be late by
      // the replay's length for as long as it watches.
      rewriter.begin(layer, slot, step, !codec.audio());
    } else if (timestamp - frameTimestamp < 0) {
      return; // a late packet of an earlier frame
    } else if (rewriter.squeezed() && live(arrivalNs, nowNs)) {
      rewriter.retime(layer, slot, timestamp - frameTimestamp);
    }
    frameTimestamp = timestamp;
    frameArrivalNs = arrivalNs;
  }

  private boolean live(long arrivalNs, long nowNs) {
    return arrivalNs - frameArrivalNs >= BURST_GAP_NS && nowNs - arrivalNs < BURST_GAP_NS;
  }

  private static int ticks(long ns, Codec codec) {
    return (int) (ns / 1_000 * codec.clockRateHz() / 1_000_000);
  }

  private void write(
      Forwarder forwarder, PacketCache cache, int slot, int segment, long out, int payloadType) {
    rewritePictureId(cache, slot, segment);
    int timestamp = rewriter.timestamp(segment, cache.timestamp(slot));
    forwarder.send(outlet(), template, cache, slot, out, payloadType, timestamp, ssrc());
  }

  /** The cached bytes are patched in place: the next subscriber patches them again. */
  private void rewritePictureId(PacketCache cache, int slot, int segment) {
    if (cache.pictureId(slot) >= 0) {
      cache.writePictureId(slot, rewriter.pictureId(segment, cache.pictureId(slot)));
    }
    if (cache.tl0Index(slot) >= 0) {
      cache.writeTl0Index(slot, rewriter.tl0Index(segment, cache.tl0Index(slot)));
    }
  }

  @Override
  void resend(Forwarder forwarder, int sequence, long nowNs) {
    long out = rewriter.locate(sequence);
    if (out < 0) {
      return;
    }
    Layer layer = rewriter.locatedLayer();
    int slot = layer == null ? -1 : layer.cache().slotOf(rewriter.locatedSource());
    if (layer == null || slot < 0) {
      return;
    }
    PacketCache cache = layer.cache();
    int segment = rewriter.locatedSegment(cache.timestamp(slot));
    if (segment < 0 || !mayResend(sequence, nowNs)) {
      return;
    }
    int codec = layer.track().codec().ordinal();
    if (rtxSsrc() == 0 || rtxPayloadTypes[codec] == 0) {
      // The same bytes under the same index: neither the cipher nor the receiver minds.
      forwarder.countResent();
      write(forwarder, cache, slot, segment, out, payloadTypes[codec]);
      return;
    }
    rewritePictureId(cache, slot, segment);
    int timestamp = rewriter.timestamp(segment, cache.timestamp(slot));
    long rtx = nextRtxSequence();
    forwarder.sendRtx(
        outlet(), template, cache, slot, out, rtx, rtxPayloadTypes[codec], timestamp, rtxSsrc());
  }
}
