package live.banyan.sfu.media;

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

  private final @Nullable Layer[] layers = new @Nullable Layer[HISTORY];
  private final long[] firstSource = new long[HISTORY];
  private final long[] firstOut = new long[HISTORY];
  private final int[] firstSourceTimestamp = new int[HISTORY];
  private final int[] firstOutTimestamp = new int[HISTORY];
  private final int[] shifts = new int[HISTORY];
  private final int[] pictureIdOffsets = new int[HISTORY];
  private final int[] tl0Offsets = new int[HISTORY];
  private final int[] frameOffsets = new int[HISTORY];
  // Of encodings with layers; segments that differ in their timestamps only share it.
  private final @Nullable LeftOut[] leftOut = new @Nullable LeftOut[HISTORY];
  // What the first packet's number is once those left out are taken off.
  private final long[] startOut = new long[HISTORY];
  // The segment differs from the one before in its timestamps only.
  private final boolean[] retimed = new boolean[HISTORY];
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
    return segments > 0 && shifts[current()] != 0;
  }

  /**
   * Goes on with another layer, or another place of the same one, at the packet in {@code slot}.
   *
   * @param timestampStep distance to the frame before, in the codec's clock
   */
  void begin(Layer layer, int slot, int timestampStep, boolean squeezed) {
    PacketCache cache = layer.cache();
    int at = segments++ & (HISTORY - 1);
    retimed[at] = false;
    layers[at] = layer;
    firstSource[at] = cache.extendedSequence(slot);
    firstOut[at] = highestOut + 1;
    startOut[at] = firstOut[at];
    leftOut[at] = null;
    if (layer.scalability() != null) {
      LeftOut thinned = new LeftOut(firstSource[at]);
      thinned.keep(firstSource[at]);
      leftOut[at] = thinned;
    }
    frameOffsets[at] = highestFrame + 1 - cache.frameNumber(slot);
    firstSourceTimestamp[at] = cache.timestamp(slot);
    firstOutTimestamp[at] = highestTimestamp + timestampStep;
    shifts[at] = squeezed ? SQUEEZE_SHIFT : 0;
    pictureIdOffsets[at] =
        cache.pictureId(slot) < 0 ? 0 : highestPictureId + 1 - cache.pictureId(slot);
    tl0Offsets[at] = cache.tl0Index(slot) < 0 ? 0 : highestTl0 + 1 - cache.tl0Index(slot);
  }

  /**
   * Goes on with the same layer but lets the clock run as the source's from the packet in {@code
   * slot} on. Sequence numbers and picture ids keep their offsets: what is missing may still come.
   */
  void retime(Layer layer, int slot, int timestampStep) {
    int before = current();
    int at = segments++ & (HISTORY - 1);
    PacketCache cache = layer.cache();
    retimed[at] = true;
    layers[at] = layer;
    firstSource[at] = cache.extendedSequence(slot);
    firstOut[at] = firstSource[at] - firstSource[before] + firstOut[before];
    LeftOut thinned = leftOut[before];
    leftOut[at] = thinned;
    startOut[at] = firstOut[at] - (thinned == null ? 0 : thinned.before(firstSource[at]));
    frameOffsets[at] = frameOffsets[before];
    firstSourceTimestamp[at] = cache.timestamp(slot);
    firstOutTimestamp[at] = highestTimestamp + timestampStep;
    shifts[at] = 0;
    pictureIdOffsets[at] = pictureIdOffsets[before];
    tl0Offsets[at] = tl0Offsets[before];
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
      if (!retimed[at]) {
        return sourceSequence >= firstSource[at] ? at : -1;
      }
      if (sourceTimestamp - firstSourceTimestamp[at] >= 0) {
        return at;
      }
    }
    return -1;
  }

  /** What is left out of the present stay on an encoding with layers. */
  LeftOut leftOut(long edge) {
    int at = current();
    LeftOut thinned = leftOut[at];
    if (thinned == null) {
      // The encoding had shown no layers when the stay on it began.
      thinned = new LeftOut(edge);
      leftOut[at] = thinned;
    }
    return thinned;
  }

  /** The number that a packet has, or would have were it not left out. */
  long number(int at, long sourceSequence) {
    LeftOut thinned = leftOut[at];
    return sourceSequence
        - firstSource[at]
        + firstOut[at]
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
    int elapsed = sourceTimestamp - firstSourceTimestamp[segment];
    return firstOutTimestamp[segment] + (elapsed >> shifts[segment]);
  }

  int pictureId(int segment, int sourcePictureId) {
    return sourcePictureId + pictureIdOffsets[segment] & (PICTURE_IDS - 1);
  }

  /** Number of a frame in dependency descriptors; those left out keep theirs, as references do. */
  int frameNumber(int segment, int sourceFrameNumber) {
    return sourceFrameNumber + frameOffsets[segment] & 0xFFFF;
  }

  int tl0Index(int segment, int sourceTl0) {
    return sourceTl0 + tl0Offsets[segment] & 0xFF;
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
      if (out >= startOut[at]) {
        located = s;
        locatedSource = out - firstOut[at] + firstSource[at];
        LeftOut thinned = leftOut[at];
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
    Layer layer = layers[located & (HISTORY - 1)];
    return layer == null || layer.closed() ? null : layer;
  }

  /** The segment that mapped the located packet, or -1 where it is no longer remembered. */
  int locatedSegment(int sourceTimestamp) {
    // The clock may have changed between this packet's number and its frame's first.
    boolean changed = located + 1 < segments && retimed[located + 1 & (HISTORY - 1)];
    return segmentOf(changed ? located + 1 : located, locatedSource, sourceTimestamp);
  }

  /** Distance between the viewer's and the source's clock in the current segment. */
  int timestampOffset() {
    int at = current();
    return firstOutTimestamp[at] - firstSourceTimestamp[at];
  }
}
