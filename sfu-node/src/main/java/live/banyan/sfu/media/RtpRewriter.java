package live.banyan.sfu.media;

import java.util.Arrays;
import live.banyan.sfu.rtp.SequenceNumbers;
import org.jspecify.annotations.Nullable;

/**
 * Makes packets of changing layers and tracks look like one stream to a viewer: sequence numbers,
 * timestamps and VP8 picture ids go on without a jump. Within a segment (the stay on one layer) the
 * mapping is an offset, so packets keep their place in whatever order they come. Remembers {@value
 * #HISTORY} segments to find what a NACK asks for. Not thread safe.
 */
final class RtpRewriter {
  static final int HISTORY = 8;

  /** A squeezed segment runs its timestamps this power of two faster than the source's. */
  static final int SQUEEZE_SHIFT = 5;

  private static final int PICTURE_IDS = 1 << 15;

  /** A stay on one layer. All that a packet needs of it lies side by side in memory. */
  private static final class Segment {
    @Nullable Layer layer;
    long firstSource;
    long firstOut;
    // What the first packet's number is once those left out are taken off.
    long startOut;
    int firstSourceTimestamp;
    int firstOutTimestamp;
    int shift;
    int pictureIdOffset;
    int tl0Offset;
    int frameOffset;
    // Of encodings with layers; segments that differ in their timestamps only share it.
    @Nullable LeftOut leftOut;
    // The segment differs from the one before in its timestamps only.
    boolean retimed;
  }

  private final Segment[] history = new Segment[HISTORY];
  private int segments;

  private long highestOut;
  private int highestTimestamp;
  private int highestPictureId;
  private int highestTl0;
  private int highestFrame;
  private int located;
  private long locatedSource;

  /**
   * Starts a viewer's stream.
   *
   * @param firstSequence of the first packet; below 32,768, so that a receiver that misses the
   *     first packets still guesses the rollover counter right (RFC 3711 §3.3.1)
   */
  RtpRewriter(int firstSequence, int firstTimestamp, int firstPictureId) {
    highestOut = firstSequence - 1L;
    highestTimestamp = firstTimestamp;
    highestPictureId = firstPictureId;
    highestFrame = firstPictureId;
    Arrays.setAll(history, i -> new Segment());
  }

  /** Whether any packet has been mapped. */
  boolean started() {
    return segments > 0;
  }

  /** The extended sequence number that left last, in the viewer's numbering. */
  long highestOut() {
    return highestOut;
  }

  boolean squeezed() {
    return segments > 0 && history[current()].shift != 0;
  }

  /**
   * Goes on with another layer, or another place of the same one, at the packet in {@code slot}.
   *
   * @param timestampStep distance to the frame before, in the codec's clock
   */
  void begin(Layer layer, int slot, int timestampStep, boolean squeezed) {
    PacketCache cache = layer.cache();
    Segment next = history[segments++ & (HISTORY - 1)];
    next.retimed = false;
    next.layer = layer;
    next.firstSource = cache.extendedSequence(slot);
    next.firstOut = highestOut + 1;
    next.startOut = next.firstOut;
    next.leftOut = null;
    if (layer.scalability() != null) {
      LeftOut thinned = new LeftOut(next.firstSource);
      thinned.keep(next.firstSource);
      next.leftOut = thinned;
    }
    next.frameOffset = highestFrame + 1 - cache.frameNumber(slot);
    next.firstSourceTimestamp = cache.timestamp(slot);
    next.firstOutTimestamp = highestTimestamp + timestampStep;
    next.shift = squeezed ? SQUEEZE_SHIFT : 0;
    next.pictureIdOffset =
        cache.pictureId(slot) < 0 ? 0 : highestPictureId + 1 - cache.pictureId(slot);
    next.tl0Offset = cache.tl0Index(slot) < 0 ? 0 : highestTl0 + 1 - cache.tl0Index(slot);
  }

  /**
   * Goes on with the same layer but lets the clock run as the source's from the packet in {@code
   * slot} on. Sequence numbers and picture ids keep their offsets: what is missing may still come.
   */
  void retime(Layer layer, int slot, int timestampStep) {
    Segment before = history[current()];
    Segment next = history[segments++ & (HISTORY - 1)];
    PacketCache cache = layer.cache();
    next.retimed = true;
    next.layer = layer;
    next.firstSource = cache.extendedSequence(slot);
    next.firstOut = next.firstSource - before.firstSource + before.firstOut;
    LeftOut thinned = before.leftOut;
    next.leftOut = thinned;
    next.startOut = next.firstOut - (thinned == null ? 0 : thinned.before(next.firstSource));
    next.frameOffset = before.frameOffset;
    next.firstSourceTimestamp = cache.timestamp(slot);
    next.firstOutTimestamp = highestTimestamp + timestampStep;
    next.shift = 0;
    next.pictureIdOffset = before.pictureIdOffset;
    next.tl0Offset = before.tl0Offset;
  }

  /**
   * The segment in which a packet of the current layer has its place, or -1. A change of the clock
   * counts for whole frames, whichever of a frame's packets comes first.
   */
  int segmentOf(long sourceSequence, int sourceTimestamp) {
    return segmentOf(segments - 1, sourceSequence, sourceTimestamp);
  }

  private int segmentOf(int newest, long sourceSequence, int sourceTimestamp) {
    int oldest = Math.max(0, segments - HISTORY);
    for (int s = newest; s >= oldest; s--) {
      int at = s & (HISTORY - 1);
      if (!history[at].retimed) {
        return sourceSequence >= history[at].firstSource ? at : -1;
      }
      if (sourceTimestamp - history[at].firstSourceTimestamp >= 0) {
        return at;
      }
    }
    return -1;
  }

  /** What is left out of the present stay on an encoding with layers. */
  LeftOut leftOut(long edge) {
    int at = current();
    LeftOut thinned = history[at].leftOut;
    if (thinned == null) {
      // The encoding had shown no layers when the stay on it began.
      thinned = new LeftOut(edge);
      history[at].leftOut = thinned;
    }
    return thinned;
  }

  /** The number that a packet has, or would have were it not left out. */
  long number(int at, long sourceSequence) {
    Segment segment = history[at];
    LeftOut thinned = segment.leftOut;
    return sourceSequence
        - segment.firstSource
        + segment.firstOut
        - (thinned == null ? 0 : thinned.before(sourceSequence));
  }

  /**
   * Notes that a packet leaves; keeps the continuation points.
   *
   * @param picturesOut pictures left out before it in this stay
   * @return its extended sequence
   */
  long advance(int at, PacketCache cache, int slot, int picturesOut) {
    long out = number(at, cache.extendedSequence(slot));
    if (out > highestOut) {
      highestOut = out;
      highestTimestamp = timestamp(at, cache.timestamp(slot));
      if (cache.pictureId(slot) >= 0) {
        highestPictureId = pictureId(at, cache.pictureId(slot) - picturesOut);
      }
      if (cache.frameNumber(slot) >= 0) {
        highestFrame = frameNumber(at, cache.frameNumber(slot));
      }
      if (cache.tl0Index(slot) >= 0) {
        highestTl0 = tl0Index(at, cache.tl0Index(slot));
      }
    }
    return out;
  }

  /** The segment that packets are mapped by now. */
  int current() {
    return (segments - 1) & (HISTORY - 1);
  }

  int timestamp(int segment, int sourceTimestamp) {
    Segment at = history[segment];
    return at.firstOutTimestamp + (sourceTimestamp - at.firstSourceTimestamp >> at.shift);
  }

  int pictureId(int segment, int sourcePictureId) {
    return sourcePictureId + history[segment].pictureIdOffset & (PICTURE_IDS - 1);
  }

  /** Number of a frame in dependency descriptors; those left out keep theirs, as references do. */
  int frameNumber(int segment, int sourceFrameNumber) {
    return sourceFrameNumber + history[segment].frameOffset & 0xFFFF;
  }

  int tl0Index(int segment, int sourceTl0) {
    return sourceTl0 + history[segment].tl0Offset & 0xFF;
  }

  /**
   * Finds the source of a packet that left.
   *
   * @param sequence 16 bits, as the viewer asks for it
   * @return the extended sequence number in the viewer's numbering, or -1 where it is not
   *     remembered; {@link #locatedLayer} and {@link #locatedSource} then tell the rest
   */
  long locate(int sequence) {
    long out = SequenceNumbers.extend(highestOut, sequence);
    if (segments == 0 || out > highestOut || out < 0) {
      return -1;
    }
    int oldest = Math.max(0, segments - HISTORY);
    for (int s = segments - 1; s >= oldest; s--) {
      int at = s & (HISTORY - 1);
      if (out >= history[at].startOut) {
        located = s;
        locatedSource = out - history[at].firstOut + history[at].firstSource;
        LeftOut thinned = history[at].leftOut;
        if (thinned != null) {
          locatedSource = thinned.sequenceOf(locatedSource);
        }
        return locatedSource < 0 ? -1 : out;
      }
    }
    return -1;
  }

  long locatedSource() {
    return locatedSource;
  }

  /** The layer of the located packet, or null once its track has ended. */
  @Nullable Layer locatedLayer() {
    Layer layer = history[located & (HISTORY - 1)].layer;
    return layer == null || layer.closed() ? null : layer;
  }

  /** The segment that mapped the located packet, or -1 where it is no longer remembered. */
  int locatedSegment(int sourceTimestamp) {
    // The clock may have changed between this packet's number and its frame's first.
    boolean changed = located + 1 < segments && history[located + 1 & (HISTORY - 1)].retimed;
    return segmentOf(changed ? located + 1 : located, locatedSource, sourceTimestamp);
  }

  /** Distance between the viewer's and the source's clock in the current segment. */
  int timestampOffset() {
    int at = current();
    return history[at].firstOutTimestamp - history[at].firstSourceTimestamp;
  }
}
