package live.banyan.sfu.media;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.congestion.CongestionControl;
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

  /** A replay has caught up after a seventh of its age, and a little for whatever delays it. */
  private static final int CATCH_UP_SHARE = 4;

  private static final long CATCH_UP_NS = 20_000_000;

  /** A layer is entered at a keyframe at most this old. */
  private static final long SWITCH_AGE_NS = 100_000_000;

  /** The rest of a frame that has not come after this time does not come. */
  private static final long FRAME_END_NS = 150_000_000;

  private static final long SKIP_AFTER_NS = 500_000_000;
  private static final long ASK_AFTER_NS = 1_500_000_000;

  /** How far back a probe looks for packets to repeat. */
  private static final int PROBE_REACH = 64;

  private final LayerSelector selector = new LayerSelector();
  private final RtpRewriter rewriter;
  private HeaderTemplate counted;
  private HeaderTemplate plain;
  private final int[] payloadTypes;
  private final int[] rtxPayloadTypes;
  private int redPayloadType;
  private boolean beginPending;
  private boolean frameOpen;
  private boolean behind;
  private boolean paused;
  private long switches;
  private long frameArrivalNs;
  private long caughtUpNs;
  private int frameTimestamp;
  // Of encodings with layers; made with the first of them.
  private @Nullable TargetFilter filter;

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
    counted = new HeaderTemplate(extensions, midBytes, true);
    plain = new HeaderTemplate(extensions, midBytes, false);
    rewriter =
        new RtpRewriter(random.nextInt(1, 1 << 14), random.nextInt(), random.nextInt(1 << 14));
  }

  /**
   * Has sound leave with redundancy (RFC 2198); to be said before the first packet.
   *
   * @param payloadType the viewer's name for RED; 0 for none
   */
  public void useRed(int payloadType) {
    redPayloadType = payloadType;
  }

  /**
   * Keeps the viewer at or below an encoding, and at or below layers inside of it; 0 is the lowest.
   */
  public void allowUpTo(int layerIndex, int spatialLayer, int temporalLayer) {
    selector.allowUpTo(layerIndex, spatialLayer, temporalLayer);
  }

  @Override
  public void prioritise(int next) {
    super.prioritise(next);
    selector.watch(priority() > 0);
    paused &= priority() == 0;
  }

  /** Sends no more of a picture that nobody looks at, or goes on at its next keyframe. */
  public void pause(boolean pause) {
    paused = pause && priority() == 0 && video();
  }

  /** Whether {@link #pause} holds. */
  public boolean paused() {
    return paused;
  }

  /**
   * Gives the viewer a part of what its path bears: it takes the best layer within.
   *
   * @param bps Long.MAX_VALUE where nothing is known
   * @return what it will take, in bit/s; 0 for audio, which is not limited, and without a track
   */
  public long budget(long bps, long nowNs) {
    Track track = track();
    return track == null || track.codec().audio() ? 0 : selector.budget(track, bps, nowNs);
  }

  /** The least that the viewer takes: all of a sound, the lowest layer of a picture. */
  public long leastBps(long nowNs) {
    Track track = track();
    boolean redundant = track != null && track.codec().audio() && redPayloadType != 0;
    long once = track == null ? 0 : selector.leastBps(track, nowNs);
    return redundant ? once * (1 + RedWriter.BLOCKS_MAX) : once;
  }

  /** What the path had to bear for the next layer; 0 for audio. */
  public long wantedBps(long nowNs) {
    Track track = track();
    return track == null || track.codec().audio() ? 0 : selector.wantedBps(track, nowNs);
  }

  /** Whether this is a picture. */
  public boolean video() {
    Track track = track();
    return track != null && !track.codec().audio();
  }

  /** Whether a better layer flows than the budget allows. */
  public boolean limited(long nowNs) {
    Track track = track();
    return track != null && !track.codec().audio() && selector.limited(track, nowNs);
  }

  /** Changes from one layer to another so far. */
  public long switches() {
    return switches;
  }

  @Override
  void share(HeaderTemplates templates) {
    counted = templates.shared(counted);
    plain = templates.shared(plain);
  }

  @Override
  int needed(Track track, long nowNs) {
    return track.codec().audio() ? 1 : selector.needed(track, current, nowNs);
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
    if (paused) {
      // A frame that has begun is sent to its end: cut short it would be a broken one.
      current = now == null || midFrame(now, nowNs) ? now : null;
      return;
    }
    Layer target = selector.target(track, now, nowNs);
    Scalability inside = target == null ? null : target.scalability();
    if (target != null && inside != null) {
      aim(target, inside);
    }
    if (target == null || target == now && !behind) {
      return;
    }
    if (now == null) {
      Layer startable = selector.startable(track, nowNs, KEYFRAME_AGE_NS);
      if (startable == null) {
        target.keyframes().request();
      } else {
        start(startable, startable.keyframeSequence());
      }
    } else if (target == now) {
      skipAhead(now, nowNs);
    } else if (!target.keyframeWithin(nowNs, SWITCH_AGE_NS)) {
      target.keyframes().request();
    } else if (!midFrame(now, nowNs)) {
      switches++;
      start(target, target.keyframeSequence());
    }
  }

  /** Layers inside an encoding are changed frame by frame, but for what needs a keyframe. */
  private void aim(Layer target, Scalability inside) {
    TargetFilter targets = filter;
    if (targets == null) {
      targets = new TargetFilter();
      filter = targets;
    }
    targets.want(selector.place());
    boolean ahead = target.keyframeSequence() >= cursor;
    if (target == current && !beginPending && !ahead && targets.waits(inside.grid())) {
      target.keyframes().request();
    }
  }

  /** What waited too long for room on the path gives way to a newer keyframe. */
  private void skipAhead(Layer layer, long nowNs) {
    int slot = layer.cache().slotOf(cursor);
    long waitedNs = slot < 0 ? 0 : nowNs - layer.cache().arrivalNs(slot);
    if (waitedNs < SKIP_AFTER_NS) {
      behind &= waitedNs > 0;
    } else if (layer.keyframeSequence() > cursor && layer.keyframeWithin(nowNs, KEYFRAME_AGE_NS)) {
      if (!midFrame(layer, nowNs)) {
        behind = false;
        start(layer, layer.keyframeSequence());
      }
    } else if (waitedNs > ASK_AFTER_NS) {
      layer.keyframes().request();
    }
  }

  /** Whether the rest of a frame is still to come: cut short it would be a broken one. */
  private boolean midFrame(Layer layer, long nowNs) {
    return frameOpen && !beginPending && layer.flowing(nowNs, FRAME_END_NS);
  }

  private void start(Layer layer, long sequence) {
    current = layer;
    cursor = sequence;
    beginPending = true;
  }

  @Override
  boolean mayLeave(PacketCache cache, int slot, long nowNs) {
    CongestionControl congestion = outlet().congestion();
    if (congestion == null || !video() || congestion.admits(nowNs)) {
      return true;
    }
    behind = true;
    return false;
  }

  @Override
  boolean covers(Layer layer, long sequence) {
    return !beginPending; // the rewriter knows the rest
  }

  @Override
  void sendNew(Forwarder forwarder, Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    Scalability inside = layer.scalability();
    if (inside != null && !admits(forwarder, layer, inside, slot)) {
      return;
    }
    if (beginPending || frameTimestamp != cache.timestamp(slot)) {
      onFrame(layer, slot, nowNs);
    }
    int segment = rewriter.segmentOf(cache.extendedSequence(slot), cache.timestamp(slot));
    if (segment < 0) {
      return;
    }
    long newest = rewriter.highestOut();
    long out = rewriter.advance(segment, cache, slot, picturesOut(layer, slot));
    boolean marker = marker(layer, slot);
    if (out > newest) {
      frameOpen = !marker;
    }
    onSent(write(forwarder, layer, slot, segment, out), nowNs);
  }

  /** Whether the viewer's decode target needs a packet; numbers it, or takes its number away. */
  private boolean admits(Forwarder forwarder, Layer layer, Scalability inside, int slot) {
    PacketCache cache = layer.cache();
    TargetFilter targets = filter;
    if (targets == null) {
      return true;
    }
    if (beginPending) {
      targets.begin();
    }
    boolean admitted = targets.admits(inside, slot, cache.timestamp(slot));
    if (beginPending) {
      return admitted;
    }
    long sequence = cache.extendedSequence(slot);
    LeftOut leftOut = rewriter.leftOut(sequence);
    if (sequence < leftOut.edge()) {
      boolean numbered = !leftOut.isLeftOut(sequence);
      if (numbered && !admitted) {
        fill(forwarder, layer, slot);
      }
      return numbered && admitted;
    }
    if (admitted) {
      leftOut.keep(sequence);
      return true;
    }
    if (!(sequence > leftOut.edge() && lacksOnlyUnwanted(layer, inside, targets, leftOut, slot))) {
      leftOut.keep(sequence - 1);
    }
    leftOut.leaveOut(sequence);
    return false;
  }

  /**
   * Whether what is missing before a packet that is left out can only be of frames that are, too.
   */
  private static boolean lacksOnlyUnwanted(
      Layer layer, Scalability inside, TargetFilter targets, LeftOut leftOut, int slot) {
    int before = layer.cache().slotOf(leftOut.edge() - 1);
    int frame = before < 0 ? Scalability.NO_FRAME : inside.frame(before);
    return frame != Scalability.NO_FRAME
        && targets.isOut(frame)
        && (inside.frame(slot) - frame & 0xFFFF) <= 1;
  }

  /** A packet that came late turns out not to be wanted: its number would look lost for ever. */
  private void fill(Forwarder forwarder, Layer layer, int slot) {
    PacketCache cache = layer.cache();
    int segment = rewriter.segmentOf(cache.extendedSequence(slot), cache.timestamp(slot));
    if (segment >= 0) {
      Codec codec = layer.track().codec();
      forwarder.sendEmpty(
          outlet(),
          outlet().congestion() != null && repeatsByRtx(codec) ? counted : plain,
          rewriter.number(segment, cache.extendedSequence(slot)),
          payloadTypes[codec.ordinal()],
          rewriter.timestamp(segment, cache.timestamp(slot)),
          ssrc());
    }
  }

  /** Pictures that a viewer of VP8 must not miss; other codecs name what they refer to. */
  private int picturesOut(Layer layer, int slot) {
    Scalability inside = layer.scalability();
    TargetFilter targets = filter;
    return inside == null || targets == null || layer.track().codec() != Codec.VP8
        ? 0
        : targets.outBefore(inside.frame(slot));
  }

  private boolean marker(Layer layer, int slot) {
    Scalability inside = layer.scalability();
    TargetFilter targets = filter;
    return layer.cache().marker(slot)
        || inside != null && targets != null && targets.endsPicture(inside, slot);
  }

  private void onFrame(Layer layer, int slot, long nowNs) {
    PacketCache cache = layer.cache();
    int timestamp = cache.timestamp(slot);
    long arrivalNs = cache.arrivalNs(slot);
    Codec codec = layer.track().codec();
    if (beginPending) {
      beginPending = false;
      caughtUpNs = nowNs + (nowNs - arrivalNs) / CATCH_UP_SHARE + CATCH_UP_NS;
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
    // Where packets wait for room none ever looks live, and a clock that crawled on meanwhile would
    // mislead the viewer's playout.
    return arrivalNs > caughtUpNs
        || arrivalNs - frameArrivalNs >= BURST_GAP_NS && nowNs - arrivalNs < BURST_GAP_NS;
  }

  private static int ticks(long ns, Codec codec) {
    return (int) (ns / 1_000 * codec.clockRateHz() / 1_000_000);
  }

  /** Sends a packet. @return bytes of its payload */
  private int write(Forwarder forwarder, Layer layer, int slot, int segment, long out) {
    PacketCache cache = layer.cache();
    Codec codec = layer.track().codec();
    rewritePictureId(layer, slot, segment);
    int timestamp = rewriter.timestamp(segment, cache.timestamp(slot));
    boolean numbered = outlet().congestion() != null && repeatsByRtx(codec);
    HeaderTemplate template = numbered ? counted : plain;
    int payloadType = payloadTypes[codec.ordinal()];
    if (redPayloadType != 0 && codec.audio() && RedWriter.prepare(cache, slot, payloadType)) {
      forwarder.sendRed(outlet(), template, cache, slot, out, redPayloadType, timestamp, ssrc());
      return cache.redLength(slot);
    }
    if (edits(layer, slot)) {
      FrameEdit edit = edit(forwarder, layer, slot, segment);
      forwarder.send(outlet(), template, cache, slot, out, payloadType, timestamp, ssrc(), edit);
    } else {
      forwarder.send(outlet(), template, cache, slot, out, payloadType, timestamp, ssrc());
    }
    return cache.payloadLength(slot);
  }

  /** Whether a packet that left can be made again byte for byte; not where it was left empty. */
  private boolean remakes(Layer layer, int slot) {
    Scalability inside = layer.scalability();
    TargetFilter targets = filter;
    return inside == null
        || targets == null
        || targets.knows(inside.frame(slot)) && !targets.isOut(inside.frame(slot));
  }

  /** Whether a packet's header is the viewer's own in more than its numbers. */
  private boolean edits(Layer layer, int slot) {
    return layer.scalability() != null
        || plain.ids[IncomingPacket.DESCRIPTOR] != 0 && layer.cache().frameNumber(slot) >= 0;
  }

  private FrameEdit edit(Forwarder forwarder, Layer layer, int slot, int segment) {
    PacketCache cache = layer.cache();
    Scalability inside = layer.scalability();
    TargetFilter targets = filter;
    int frame = cache.frameNumber(slot);
    FrameEdit edit = forwarder.edit();
    edit.begin(marker(layer, slot), frame < 0 ? -1 : rewriter.frameNumber(segment, frame));
    if (inside != null
        && targets != null
        && frame >= 0
        && targets.announces(frame)
        && repeatsByRtx(layer.track().codec())) {
      edit.activate(inside.structure(), inside.grid().activeTargets(targets.placeAt(frame)));
    }
    return edit;
  }

  /** The cached bytes are patched in place: the next subscriber patches them again. */
  private void rewritePictureId(Layer layer, int slot, int segment) {
    PacketCache cache = layer.cache();
    if (cache.pictureId(slot) >= 0) {
      int source = cache.pictureId(slot) - picturesOut(layer, slot);
      cache.writePictureId(slot, rewriter.pictureId(segment, source));
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
    Codec codec = layer.track().codec();
    if (!repeatsByRtx(codec)) {
      if (edits(layer, slot) && !remakes(layer, slot)) {
        return; // other bytes under the same index would repeat a GCM nonce
      }
      // The same bytes under the same index: neither the cipher nor the receiver minds.
      forwarder.countResent();
      write(forwarder, layer, slot, segment, out);
      return;
    }
    writeRtx(forwarder, layer, slot, segment, out);
  }

  private boolean repeatsByRtx(Codec codec) {
    return rtxSsrc() != 0 && rtxPayloadTypes[codec.ordinal()] != 0;
  }

  private void writeRtx(Forwarder forwarder, Layer layer, int slot, int segment, long out) {
    PacketCache cache = layer.cache();
    rewritePictureId(layer, slot, segment);
    int payloadType = rtxPayloadTypes[layer.track().codec().ordinal()];
    int timestamp = rewriter.timestamp(segment, cache.timestamp(slot));
    long rtx = nextRtxSequence();
    FrameEdit edit = edits(layer, slot) ? edit(forwarder, layer, slot, segment) : null;
    forwarder.sendRtx(
        outlet(), counted, cache, slot, out, rtx, payloadType, timestamp, rtxSsrc(), edit);
  }

  /**
   * Repeats what left last, to fill a probe.
   *
   * @return packets sent
   */
  int probe(Forwarder forwarder, int packets) {
    int sent = 0;
    for (int back = 0; back < PROBE_REACH && sent < packets; back++) {
      long out = rewriter.locate((int) (rewriter.highestOut() - back) & 0xFFFF);
      Layer layer = out < 0 ? null : rewriter.locatedLayer();
      int slot = layer == null ? -1 : layer.cache().slotOf(rewriter.locatedSource());
      if (layer == null || slot < 0 || !repeatsByRtx(layer.track().codec())) {
        continue;
      }
      int segment = rewriter.locatedSegment(layer.cache().timestamp(slot));
      if (segment >= 0) {
        writeRtx(forwarder, layer, slot, segment, out);
        sent++;
      }
    }
    return sent;
  }
}
