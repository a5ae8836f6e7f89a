package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.KeyframeDetector;

/**
 * Puts the packets of one SSRC in order and its frames together. A missing packet is waited for as
 * long as patience and the buffer last; then its frame is given up and the stream goes on. Counts
 * what a viewer would notice. Not thread safe.
 */
public final class FrameAssembler {
  /** Packets that a viewer's buffer holds: seconds of a usual stream. A power of two. */
  public static final int DEFAULT_CAPACITY = 2_048;

  /** How long a viewer waits for a repetition. */
  public static final long DEFAULT_PATIENCE_NS = 500_000_000;

  private final Codec codec;
  private final PacketRing ring;
  private final long patienceNs;
  private final FrameSink sink;
  private final PayloadJoiner joiner;
  private final KeyframeDetector detector = new KeyframeDetector();

  /** First packet not yet consumed; -1 before the first. */
  private long next = -1;

  private long newest = -1;
  private boolean consumedAny;

  /** The packet before {@link #next} ended a frame. */
  private boolean atBoundary;

  private boolean hasAbandoned;
  private int abandonedTimestamp;

  private long frames;
  private long framesBroken;
  private long lastCompleteNs;
  private long longestGapNs = -1;
  private long firstKeyframeNs;
  private boolean sawComplete;
  private boolean sawKeyframe;

  public FrameAssembler(Codec codec, FrameSink sink) {
    this(codec, DEFAULT_CAPACITY, DEFAULT_PATIENCE_NS, sink);
  }

  /**
   * @param capacity packets held at most; a power of two
   * @param patienceNs how long a missing packet is waited for
   */
  public FrameAssembler(Codec codec, int capacity, long patienceNs, FrameSink sink) {
    this.codec = codec;
    this.ring = new PacketRing(capacity);
    this.patienceNs = patienceNs;
    this.sink = sink;
    this.joiner = PayloadJoiner.of(codec);
  }

  /**
   * A packet arrived, in any order; repetitions change nothing. Packets without payload (probes)
   * take part in the sequence only. The payload is copied.
   *
   * @param index unwrapped sequence number, not negative
   */
  public void packet(
      long index,
      int timestamp,
      boolean marker,
      MemorySegment payload,
      long offset,
      int length,
      long nowNs) {
    if (next < 0) {
      next = index;
    } else if (index < next) {
      if (consumedAny || newest - index >= ring.capacity()) {
        return;
      }
      next = index;
    }
    makeRoom(index, nowNs);
    if (ring.has(index)) {
      return;
    }
    MemorySegment copy = MemorySegment.ofArray(new byte[length]);
    MemorySegment.copy(payload, offset, copy, 0, length);
    ring.put(index, timestamp, marker, copy, nowNs);
    newest = Math.max(newest, index);
    advance(nowNs, false);
  }

  /** Gives up what has been missing for longer than patience; call every few milliseconds. */
  public void poll(long nowNs) {
    advance(nowNs, false);
  }

  /** No more packets come: gives up whatever is missing and lets all frames go. */
  public void flush(long nowNs) {
    while (next >= 0 && next <= newest) {
      forceOn(nowNs);
    }
  }

  /** Frames handed out, broken ones included. */
  public long frames() {
    return frames;
  }

  /**
   * Frames that are incomplete or refer to one that is; frames of which nothing arrived count once
   * per gap (audio: once per packet).
   */
  public long framesBroken() {
    return framesBroken;
  }

  /** Longest time between complete frames, or -1 before the second. */
  public long longestGapNs() {
    return longestGapNs;
  }

  /** Whether a complete keyframe has been handed out. */
  public boolean sawKeyframe() {
    return sawKeyframe;
  }

  /** When the first complete keyframe was handed out; meaningless before. */
  public long firstKeyframeNs() {
    return firstKeyframeNs;
  }

  private void makeRoom(long index, long nowNs) {
    while (index - next >= ring.capacity() && next <= newest) {
      forceOn(nowNs);
    }
    if (index - next >= ring.capacity()) {
      // Everything held has gone and the jump is still longer than the buffer: a new start.
      lose(index - next);
      next = index;
    }
  }

  /** Moves on by a frame or a hole at least. */
  private void forceOn(long nowNs) {
    long before = next;
    advance(nowNs, true);
    if (next == before) {
      // Nothing is missing but the frame's end.
      abandon(nowNs);
    }
  }

  private boolean isFiller(long index) {
    return ring.length(index) == 0;
  }

  private boolean isLeftover(long index) {
    return hasAbandoned && !codec.audio() && ring.timestamp(index) == abandonedTimestamp;
  }

  private boolean startsFrame(long index) {
    return detector.startsFrame(codec, ring.payload(index), 0, ring.length(index));
  }

  /** Consumes whole frames; with {@code force} also the first hole. */
  private void advance(long nowNs, boolean force) {
    boolean mayForce = force;
    while (next >= 0 && next <= newest) {
      if (ring.has(next) && skipsHead()) {
        continue;
      }
      long end = ring.has(next) ? frameEnd() : next;
      if (ring.has(end)) {
        emit(end, true, nowNs);
        continue;
      }
      if (end > newest) {
        return;
      }
      if (!mayForce && !hasStalled(end, nowNs)) {
        return;
      }
      mayForce = false;
      giveUp(nowNs);
    }
  }

  /** Probes between frames and leftovers of a frame given up already. */
  private boolean skipsHead() {
    boolean leftover = isLeftover(next);
    if (!isFiller(next) && !leftover) {
      return false;
    }
    if (leftover) {
      atBoundary = ring.marker(next);
    }
    next++;
    consumedAny = true;
    return true;
  }

  /**
   * @return the last packet of the frame at {@link #next}; or the first one missing in front of
   *     that, which may be the one to come
   */
  private long frameEnd() {
    long lastMedia = next;
    if (codec.audio()) {
      return next;
    }
    for (long i = next; i <= newest; i++) {
      if (!ring.has(i)) {
        return i;
      }
      if (isFiller(i)) {
        continue;
      }
      if (ring.timestamp(i) != ring.timestamp(next)) {
        return lastMedia;
      }
      lastMedia = i;
      if (ring.marker(i)) {
        return i;
      }
    }
    return newest + 1;
  }

  /** Since the packet behind the hole arrived, so that several holes do not add up their waits. */
  private boolean hasStalled(long hole, long nowNs) {
    long behind = hole + 1;
    while (!ring.has(behind)) {
      behind++;
    }
    return nowNs - ring.arrivalNs(behind) >= patienceNs;
  }

  /** Gives up the hole at {@link #next}, or the frame at {@link #next} that has a hole. */
  private void giveUp(long nowNs) {
    if (ring.has(next)) {
      abandon(nowNs);
      return;
    }
    long first = next;
    while (!ring.has(next)) {
      next++;
    }
    // A gap in front of a frame's rest, or behind a frame that lacks its end, is counted there.
    boolean counted = !startsFrame(next) || isLeftover(next) || (hasAbandoned && !atBoundary);
    if (counted && !codec.audio()) {
      joiner.gap();
      atBoundary = false;
    } else {
      lose(next - first);
    }
  }

  /** Whole frames are gone without a trace. */
  private void lose(long packets) {
    framesBroken += codec.audio() ? packets : 1;
    joiner.gap();
    atBoundary = false;
    consumedAny = true;
  }

  /** Hands out what there is of the frame at {@link #next}, and skips to the next frame. */
  private void abandon(long nowNs) {
    int timestamp = ring.timestamp(next);
    long last = next;
    for (long i = next; i <= newest; i++) {
      if (!ring.has(i) || isFiller(i)) {
        continue;
      }
      if (ring.timestamp(i) != timestamp) {
        break;
      }
      last = i;
      if (ring.marker(i)) {
        break;
      }
    }
    hasAbandoned = true;
    abandonedTimestamp = timestamp;
    boolean ended = ring.marker(last);
    emit(last, false, nowNs);
    atBoundary = ended;
  }

  private void emit(long last, boolean whole, long nowNs) {
    long first = next;
    boolean complete = whole && (atBoundary || startsFrame(first));
    joiner.begin();
    for (long i = first; i <= last; i++) {
      if (ring.has(i) && !isFiller(i)) {
        complete &= joiner.add(ring.payload(i), ring.length(i));
      }
    }
    int timestamp = ring.timestamp(first);
    boolean keyframe = joiner.keyframe();
    boolean decodable = joiner.finish(complete);
    for (long i = first; i <= last; i++) {
      if (ring.has(i)) {
        ring.remove(i);
      }
    }
    next = last + 1;
    atBoundary = true;
    consumedAny = true;
    hasAbandoned &= !whole;
    count(keyframe, complete, decodable, nowNs);
    sink.frame(new Frame(first, timestamp, keyframe, complete, decodable, joiner.data(), nowNs));
  }

  private void count(boolean keyframe, boolean complete, boolean decodable, long nowNs) {
    frames++;
    if (!decodable) {
      framesBroken++;
    }
    if (!complete) {
      return;
    }
    if (sawComplete) {
      longestGapNs = Math.max(longestGapNs, nowNs - lastCompleteNs);
    }
    sawComplete = true;
    lastCompleteNs = nowNs;
    if (keyframe && !sawKeyframe) {
      sawKeyframe = true;
      firstKeyframeNs = nowNs;
    }
  }
}
