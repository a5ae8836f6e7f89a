package live.banyan.sfu.media;

import java.util.Arrays;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.DependencyDescriptor;
import live.banyan.sfu.codec.FrameDependencies;
import live.banyan.sfu.codec.TemplateStructure;
import live.banyan.sfu.codec.Vp8Descriptor;
import live.banyan.sfu.codec.Vp9Descriptor;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * The layers inside one encoding, spatial and temporal: which decode targets it has and what each
 * of them takes, and for each cached packet, which of them need its frame and which can be begun
 * with it. Read from the dependency descriptor where packets have it (RTP Payload Format For AV1,
 * appendix A), else from the descriptors of VP9 (RFC 9628 §4.2) and VP8 (RFC 7741 §4.2). An
 * encoding without layers has none of this. Not thread safe.
 */
public final class Scalability {
  /** No frame: a packet that told nothing. */
  static final int NO_FRAME = -1;

  private static final byte STARTS = 1;
  private static final byte ENDS = 2;

  /** Its frame opens targets only to viewers who are sent it anyway. */
  private static final byte FOR_MEMBERS = 4;

  private static final int SPATIAL_SHIFT = 4;

  /** Pictures of VP9 and VP8 count four frames each, one for every spatial layer. */
  private static final int FRAMES_SHIFT = 2;

  private final TemplateStructure structure = new TemplateStructure();
  private final FrameDependencies dependencies = new FrameDependencies();
  private final TargetGrid grid = new TargetGrid();
  private final BitrateMeter[] rates = new BitrateMeter[TargetGrid.PLACES];
  private final long[] spatialArrivalNs = new long[TargetGrid.PLACES / TargetGrid.TEMPORAL];
  private final int[] widths = new int[TargetGrid.PLACES / TargetGrid.TEMPORAL];
  private final int[] heights = new int[TargetGrid.PLACES / TargetGrid.TEMPORAL];

  private int[] frames;
  private short[] targets;
  private short[] openings;
  private long[] references;
  private byte[] marks;

  private int spatialSeen = 1;
  private int temporalSeen = 1;
  private boolean separate;
  private int version;

  // Of the packet being taken in.
  private int frame;
  private int needing;
  private int opening;
  private long refersTo;
  private int mark;
  private int spatial;

  Scalability(int slots) {
    frames = new int[slots];
    targets = new short[slots];
    openings = new short[slots];
    references = new long[slots];
    marks = new byte[slots];
    Arrays.fill(frames, NO_FRAME);
    Arrays.fill(targets, (short) TargetGrid.ALL);
    Arrays.fill(spatialArrivalNs, Long.MIN_VALUE);
    for (int i = 0; i < rates.length; i++) {
      rates[i] = new BitrateMeter();
    }
  }

  /** The cache has doubled its slots. */
  void grow() {
    frames = Twice.of(frames);
    targets = Twice.of(targets);
    openings = Twice.of(openings);
    references = Twice.of(references);
    marks = Twice.of(marks);
  }

  /** Whether a packet tells that its encoding has layers. */
  static boolean begins(IncomingPacket packet, Codec codec) {
    int length = packet.extensionLengths[IncomingPacket.DESCRIPTOR];
    if (length > DependencyDescriptor.MANDATORY_LENGTH) {
      long at = packet.offset + packet.extensionOffsets[IncomingPacket.DESCRIPTOR];
      // The number of decode targets stands in fixed bits of a structure.
      return DependencyDescriptor.hasStructure(packet.memory, at, length)
          && length > DependencyDescriptor.MANDATORY_LENGTH + 1
          && (NetworkOrder.u8(packet.memory, at + 4) & 0x1F) != 0;
    }
    return packet.temporalLayer > 0
        || packet.spatialLayer > 0
        || codec == Codec.VP9 && packet.spatialLayer == 0 && packet.vp9.spatialLayerCount() > 1;
  }

  /** Notes what a packet that has just been cached tells. */
  void note(int slot, IncomingPacket packet, Codec codec) {
    frame = NO_FRAME;
    needing = TargetGrid.ALL;
    opening = 0;
    refersTo = 0;
    mark = 0;
    spatial = 0;
    if (packet.extensionLengths[IncomingPacket.DESCRIPTOR] > 0) {
      readDescriptor(packet);
    } else if (codec == Codec.VP9 && packet.spatialLayer >= 0) {
      read(packet.vp9, packet);
    } else if (codec == Codec.VP8 && packet.temporalLayer >= 0) {
      read(packet.vp8, packet);
    }
    frames[slot] = frame;
    targets[slot] = (short) needing;
    openings[slot] = (short) opening;
    references[slot] = refersTo;
    marks[slot] = (byte) (mark | spatial << SPATIAL_SHIFT);
    spatialArrivalNs[spatial] = packet.arrivalNs;
    for (int left = needing & grid.known(); left != 0; left &= left - 1) {
      int place = Integer.numberOfTrailingZeros(left);
      rates[place].add(packet.arrivalNs, packet.payloadLength);
    }
  }

  private void readDescriptor(IncomingPacket packet) {
    long at = packet.offset + packet.extensionOffsets[IncomingPacket.DESCRIPTOR];
    int length = packet.extensionLengths[IncomingPacket.DESCRIPTOR];
    if (!dependencies.parse(packet.memory, at, length, structure)) {
      return;
    }
    if (dependencies.bringsStructure()) {
      learnStructure();
    }
    needing = 0;
    for (int target = 0; target < structure.decodeTargetCount(); target++) {
      int indication = dependencies.indication(target);
      int places = grid.placesOf(target);
      needing |= indication == TemplateStructure.NOT_PRESENT ? 0 : places;
      opening |= indication == TemplateStructure.SWITCH ? places : 0;
    }
    frame = DependencyDescriptor.frameNumber(packet.memory, at);
    refersTo = dependencies.references();
    spatial = structure.spatialLayer(dependencies.template());
    mark =
        (DependencyDescriptor.startsFrame(packet.memory, at) ? STARTS : 0)
            | (DependencyDescriptor.endsFrame(packet.memory, at) ? ENDS : 0);
  }

  private void learnStructure() {
    int before = grid.known();
    grid.learn(structure);
    for (int s = 0; s < widths.length; s++) {
      widths[s] = structure.width(s);
      heights[s] = structure.height(s);
    }
    version += before == grid.known() ? 0 : 1;
  }

  private void read(Vp9Descriptor vp9, IncomingPacket packet) {
    int s = vp9.spatialLayer();
    int t = Math.max(0, vp9.temporalLayer());
    if (!vp9.longPictureId() || s >= widths.length || t >= TargetGrid.TEMPORAL) {
      return;
    }
    boolean between = vp9.interPicture() && vp9.notForInterLayer();
    if (packet.keyframe && vp9.spatialLayerCount() > 0) {
      spatialSeen = Math.min(vp9.spatialLayerCount(), widths.length);
      for (int i = 0; i < spatialSeen; i++) {
        widths[i] = vp9.width(i);
        heights[i] = vp9.height(i);
      }
      learnLayers(spatialSeen, temporalSeen, false);
    }
    boolean apart = separate || between && s < spatialSeen - 1;
    learnLayers(Math.max(spatialSeen, s + 1), Math.max(temporalSeen, t + 1), apart);
    frame = vp9.pictureId() << FRAMES_SHIFT & 0xFFFF | s;
    spatial = s;
    mark = (vp9.startsFrame() ? STARTS : 0) | (vp9.endsFrame() ? ENDS : 0);
    needing = above(s, t) & (vp9.notForInterLayer() ? upTo(s) : TargetGrid.ALL);
    if (!vp9.interPicture()) {
      // At a keyframe, where a spatial layer refers at most to those below it in the same picture.
      opening = needing;
    } else if (vp9.switchingUp()) {
      opening = above(0, t);
      mark |= FOR_MEMBERS;
    }
  }

  private void read(Vp8Descriptor vp8, IncomingPacket packet) {
    int t = vp8.temporalLayer();
    if (!vp8.longPictureId()) {
      return;
    }
    learnLayers(1, Math.max(temporalSeen, t + 1), false);
    frame = vp8.pictureId() << FRAMES_SHIFT & 0xFFFF;
    mark = vp8.startsFrame() ? STARTS : 0;
    mark |= packet.marker ? ENDS : 0;
    needing = above(0, t);
    if (packet.keyframe) {
      opening = TargetGrid.ALL;
    } else if (vp8.layerSync()) {
      opening = 1 << TargetGrid.place(0, t);
    }
  }

  private void learnLayers(int spatialLayers, int temporalLayers, boolean apart) {
    if (grid.known() == 0
        || spatialLayers != spatialSeen
        || grid.spatialLayers() != spatialLayers
        || temporalLayers != temporalSeen
        || apart != separate) {
      int before = grid.known();
      spatialSeen = spatialLayers;
      temporalSeen = temporalLayers;
      separate = apart;
      grid.learn(spatialLayers, temporalLayers, apart);
      version += before == grid.known() ? 0 : 1;
    }
  }

  /** All places with at least these layers. */
  private static int above(int s, int t) {
    int mask = 0;
    for (int place = 0; place < TargetGrid.PLACES; place++) {
      boolean is = TargetGrid.spatial(place) >= s && TargetGrid.temporal(place) >= t;
      mask |= is ? 1 << place : 0;
    }
    return mask;
  }

  /** All places of spatial layers up to this one; where it is the highest, of all. */
  private int upTo(int s) {
    return s >= spatialSeen - 1 ? TargetGrid.ALL : (1 << (s + 1) * TargetGrid.TEMPORAL) - 1;
  }

  TargetGrid grid() {
    return grid;
  }

  TemplateStructure structure() {
    return structure;
  }

  /** Changes whenever there are other targets than before. */
  int version() {
    return version;
  }

  /** What a place takes, in bit/s of payload. */
  long bitrateBps(int place, long nowNs) {
    int there = grid.nearest(place);
    return there < 0 ? 0 : rates[there].bps(nowNs);
  }

  /** When the last packet of a spatial layer came; Long.MIN_VALUE before the first. */
  long lastArrivalNs(int spatialLayer) {
    return spatialArrivalNs[spatialLayer];
  }

  /** How many spatial layers there are; 0 while nothing is known. */
  public int spatialLayers() {
    return grid.spatialLayers();
  }

  /** How many temporal layers there are; 0 while nothing is known. */
  public int temporalLayers() {
    return grid.temporalLayers();
  }

  /** Whether there is a decode target of just these layers. */
  public boolean has(int spatialLayer, int temporalLayer) {
    return spatialLayer < widths.length
        && temporalLayer < TargetGrid.TEMPORAL
        && (grid.known() >> TargetGrid.place(spatialLayer, temporalLayer) & 1) != 0;
  }

  /** Whether packets of a spatial layer come; the lowest goes on for as long as its encoding. */
  public boolean flows(int spatialLayer, long nowNs) {
    long lastNs = spatialArrivalNs[spatialLayer];
    for (int lower = 0; lower < spatialLayer; lower++) {
      if (lastNs == Long.MIN_VALUE || spatialArrivalNs[lower] - lastNs > Rungs.OUTRUN_NS) {
        return false;
      }
    }
    return spatialLayer == 0 || nowNs - lastNs <= Rungs.FLOWING_NS;
  }

  /** Pixels across a spatial layer, 0 where unknown. */
  public int width(int spatialLayer) {
    return widths[spatialLayer];
  }

  /** Pixels down a spatial layer, 0 where unknown. */
  public int height(int spatialLayer) {
    return heights[spatialLayer];
  }

  /** Number of the packet's frame, 16 bits that wrap; {@link #NO_FRAME} where it tells none. */
  int frame(int slot) {
    return frames[slot];
  }

  /** The places that need the packet's frame. */
  int needing(int slot) {
    return targets[slot] & TargetGrid.ALL;
  }

  /** The places that can be begun with the packet's frame once it can be decoded. */
  int opening(int slot) {
    return openings[slot] & TargetGrid.ALL;
  }

  /** As {@link FrameDependencies#references}; 0 where the codec does not name them. */
  long references(int slot) {
    return references[slot];
  }

  /** Whether only viewers who are sent the frame as it is may go up with it. */
  boolean forMembers(int slot) {
    return (marks[slot] & FOR_MEMBERS) != 0;
  }

  boolean startsFrame(int slot) {
    return (marks[slot] & STARTS) != 0;
  }

  boolean endsFrame(int slot) {
    return (marks[slot] & ENDS) != 0;
  }

  int spatial(int slot) {
    return marks[slot] >> SPATIAL_SHIFT & 3;
  }
}
