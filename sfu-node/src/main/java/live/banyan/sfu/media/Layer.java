package live.banyan.sfu.media;

import live.banyan.sfu.rtp.SequenceExtender;
import org.jspecify.annotations.Nullable;

/**
 * One encoding of a track as this node holds it: the packets of all its sources merged by sequence
 * number. Knows what arrived in the current batch, what is missing, and where the last keyframe
 * starts. Not thread safe.
 */
public final class Layer implements AutoCloseable {
  /** What became of a packet. */
  public enum Arrival {
    /** Newer than all before it. */
    NEW,
    /** Fills a gap. */
    LATE,
    DUPLICATE,
    TOO_OLD,
    /** Larger than a cache slot. */
    TOO_LARGE
  }

  /** Encoders split a frame almost equally; more padding than that costs more than it saves. */
  private static final int PADDING_MAX = 16;

  /** Packets of one batch that are looked at for {@link #equalise}. */
  private static final int BATCH_MAX = 64;

  // Late packets of one batch; more of them than a batch has datagrams cannot come.
  private static final int LATE_CAPACITY = 256;
  // What comes after a longer silence says nothing of the time before.
  private static final long PAUSE_NS = 200_000_000L;

  /** What a sender may be asked for again; a gap of a longer silence stays one. */
  private static final long KEPT_NS = CacheRoom.KEPT_NS;

  /** After so long a layer's rate is measured; before, its meter has seen too little. */
  private static final long MEASURED_NS = 2_000_000_000L;

  /** Pictures change: a rate that is older than this says little of the next one. */
  private static final long REMEMBERED_NS = 30_000_000_000L;

  private static final int ROLLOVER = 1 << 16;

  private final Track track;
  private final int index;
  private final PacketCache cache;
  private final CacheRoom room;
  private final int slotsAtFirst;
  private final SequenceExtender extender = new SequenceExtender();
  private final NackGenerator nack = new NackGenerator();
  private final KeyframeRequester keyframes;
  private final SenderClock senderClock = new SenderClock();
  private final SpeechActivity speech = new SpeechActivity();
  private final BitrateMeter bitrate = new BitrateMeter();
  private long usualBps;
  private long usualNs;
  private final long[] late = new long[LATE_CAPACITY];
  private int lateCount;
  private long highestBefore = -1;
  private long lowest;
  private long lastArrivalNs = Long.MIN_VALUE;
  private long flowingSinceNs = Long.MIN_VALUE;
  private long keyframeSequence = -1;
  private int keyframeTimestamp;
  private long keyframeArrivalNs;
  private long keyframesSeen;
  private int width;
  private int height;
  private long firstArrivalNs;
  private long newestArrivalNs;
  private int newestTimestamp;
  private boolean rests;
  private boolean closed;
  private @Nullable Scalability scalability;

  Layer(Track track, int index, int slots, CacheRoom room, Runnable onKeyframeWanted) {
    this.track = track;
    this.index = index;
    this.cache = new PacketCache(slots);
    this.room = room;
    this.slotsAtFirst = slots;
    this.keyframes = new KeyframeRequester(onKeyframeWanted);
  }

  public Track track() {
    return track;
  }

  /** Place among the track's layers, lowest first. */
  public int index() {
    return index;
  }

  public PacketCache cache() {
    return cache;
  }

  public NackGenerator nack() {
    return nack;
  }

  public KeyframeRequester keyframes() {
    return keyframes;
  }

  /** What the publisher's sender reports say about this layer's clock. */
  public SenderClock senderClock() {
    return senderClock;
  }

  /** What the levels of a sound's packets say. */
  public SpeechActivity speech() {
    return speech;
  }

  /** The layers inside this encoding; null where it has none, or has not shown any yet. */
  public @Nullable Scalability scalability() {
    return scalability;
  }

  /**
   * What arrives of this layer, in bit/s of payload; of one that has just begun again, what it took
   * before where that is more.
   */
  public long bitrateBps(long nowNs) {
    long measured = bitrate.bps(nowNs);
    boolean settled = flowing(nowNs, PAUSE_NS) && nowNs - flowingSinceNs >= MEASURED_NS;
    return settled || !flowing(nowNs, Rungs.FLOWING_NS) ? measured : Math.max(measured, usualBps);
  }

  /** What it would take, in bit/s of payload; 0 where it has not flowed lately. */
  long expectedBps(long nowNs) {
    if (flowing(nowNs, Rungs.FLOWING_NS)) {
      return bitrateBps(nowNs);
    }
    return usualBps > 0 && nowNs - usualNs < REMEMBERED_NS ? usualBps : 0;
  }

  /** Keeps in mind what it takes; to be called now and then while it may flow. */
  void remember(long nowNs) {
    if (flowing(nowNs, PAUSE_NS) && nowNs - flowingSinceNs >= MEASURED_NS) {
      usualBps = bitrate.bps(nowNs);
      usualNs = nowNs;
    }
  }

  /** Highest extended sequence number that arrived; -1 before the first packet. */
  public long highest() {
    return extender.newest();
  }

  /** {@link #highest} as it was when the batch began. */
  long highestBefore() {
    return highestBefore;
  }

  /** When the last packet came; Long.MIN_VALUE before the first. */
  public long lastArrivalNs() {
    return lastArrivalNs;
  }

  /** Whether a packet came within the last {@code windowNs}. */
  public boolean flowing(long nowNs, long windowNs) {
    return lastArrivalNs != Long.MIN_VALUE && nowNs - lastArrivalNs <= windowNs;
  }

  /**
   * How long packets have been coming without a pause, counted from {@code sinceNs} at the
   * earliest, in nanoseconds; not above 0 where none came since.
   */
  long flowedSinceNs(long sinceNs) {
    return lastArrivalNs == Long.MIN_VALUE ? 0 : lastArrivalNs - Math.max(flowingSinceNs, sinceNs);
  }

  /** Keyframes that began to arrive. */
  public long keyframesSeen() {
    return keyframesSeen;
  }

  /** Pixels across the newest keyframe, 0 where its packets do not tell. */
  public int width() {
    return width;
  }

  /** Pixels down the newest keyframe, 0 where its packets do not tell. */
  public int height() {
    return height;
  }

  /** When the first packet came. */
  public long firstArrivalNs() {
    return firstArrivalNs;
  }

  /** When the packet of {@link #newestTimestamp} came. */
  public long newestArrivalNs() {
    return newestArrivalNs;
  }

  /** RTP timestamp of the newest frame. */
  public int newestTimestamp() {
    return newestTimestamp;
  }

  /** Where the last keyframe starts, or -1. */
  public long keyframeSequence() {
    return keyframeSequence;
  }

  /**
   * Whether a subscriber can begin with the last keyframe: it is cached, and either started less
   * than {@code ageNs} ago, or no other is to be had by asking. Then a viewer sees an old picture
   * at once and catches up, instead of nothing until the publisher feels like it.
   */
  boolean startable(long nowNs, long ageNs) {
    if (keyframeSequence < 0 || cache.slotOf(keyframeSequence) < 0) {
      return false;
    }
    // What follows shall not be overwritten while it is being replayed.
    boolean safe = highest() - keyframeSequence < cache.slots() - cache.slots() / 8;
    return nowNs - keyframeArrivalNs < ageNs || keyframes.deaf() && safe;
  }

  /** Whether the last keyframe is cached and started at most {@code ageNs} ago. */
  boolean keyframeWithin(long nowNs, long ageNs) {
    return keyframeSequence >= 0
        && cache.slotOf(keyframeSequence) >= 0
        && nowNs - keyframeArrivalNs <= ageNs;
  }

  /** Whether it need not come now, since nobody takes it; it comes when somebody does. */
  public boolean rests() {
    return rests;
  }

  /** Says {@link #rests}. */
  public void rest(boolean needless) {
    rests = needless;
  }

  boolean closed() {
    return closed;
  }

  int lateCount() {
    return lateCount;
  }

  long late(int i) {
    return late[i];
  }

  /** The extended sequence number nearest to the newest packet with these low 16 bits. */
  public long resolve(int sequence) {
    return extender.estimate(sequence & 0xFFFF);
  }

  /** Whether a packet after the first one that came is missing, and would have its place. */
  public boolean lacks(long sequence) {
    return sequence > lowest && highest() - sequence < cache.slots() && cache.slotOf(sequence) < 0;
  }

  /** Takes in one packet whose fields and extensions have been read. */
  public Arrival onPacket(IncomingPacket packet) {
    if (!PacketCache.fits(packet)) {
      return Arrival.TOO_LARGE;
    }
    long newest = extender.newest();
    long sequence = extender.estimate(packet.sequence);
    boolean paused = newest >= 0 && packet.arrivalNs - lastArrivalNs > KEPT_NS;
    if (sequence < 0 || (newest >= 0 && newest - sequence >= cache.slots())) {
      if (!paused) {
        return Arrival.TOO_OLD;
      }
      // A layer that was not wanted for a while has gone on elsewhere by more than half of all
      // numbers: nothing else is that far from the newest after a silence.
      sequence += ROLLOVER;
    }
    onArrival(packet.arrivalNs);
    if (cache.slotOf(sequence) >= 0) {
      return Arrival.DUPLICATE;
    }
    extender.reset(Math.max(newest, sequence));
    packet.readPayload(track.codec());
    if (!track.codec().audio()
        && cache.outgrown(sequence, packet.arrivalNs, CacheRoom.KEPT_NS)
        && room.takes(cache)) {
      widen();
    }
    int slot = cache.put(sequence, packet);
    if (scalability != null || Scalability.begins(packet, track.codec())) {
      noteLayers(slot, packet);
    }
    bitrate.add(packet.arrivalNs, packet.payloadLength);
    if (packet.keyframe) {
      onKeyframe(sequence, packet);
    }
    int level = track.codec().audio() ? packet.audioLevel() : -1;
    if (level >= 0 && sequence > newest) {
      speech.add(level, packet.arrivalNs);
    }
    if (sequence < newest) {
      if (packet.made) {
        nack.onMade(sequence);
      } else {
        nack.onLate(sequence, packet.arrivalNs);
      }
      if (sequence < lowest) {
        nack.onGapBelow(sequence + 1, lowest, packet.arrivalNs);
        lowest = sequence;
      }
      if (sequence <= highestBefore && lateCount < LATE_CAPACITY) {
        late[lateCount++] = sequence;
      }
      return Arrival.LATE;
    }
    if (newest < 0) {
      firstArrivalNs = packet.arrivalNs;
      lowest = sequence;
    }
    if (newest < 0 || packet.timestamp != newestTimestamp) {
      newestTimestamp = packet.timestamp;
      newestArrivalNs = packet.arrivalNs;
    }
    if (newest >= 0 && sequence > newest + 1 && !paused) {
      nack.onGap(newest + 1, sequence, packet.arrivalNs);
    }
    return Arrival.NEW;
  }

  private void noteLayers(int slot, IncomingPacket packet) {
    Scalability inside = scalability;
    if (inside == null) {
      inside = new Scalability(cache.slots());
      scalability = inside;
    }
    int version = inside.version();
    inside.note(slot, packet, track.codec());
    if (version != inside.version()) {
      track.rungs().rebuild();
    }
  }

  private void widen() {
    cache.grow();
    if (scalability != null) {
      scalability.grow();
    }
  }

  private void onArrival(long nowNs) {
    if (!flowing(nowNs, PAUSE_NS)) {
      flowingSinceNs = nowNs;
    }
    lastArrivalNs = nowNs;
  }

  private void onKeyframe(long sequence, IncomingPacket packet) {
    boolean sameFrame = keyframeSequence >= 0 && keyframeTimestamp == packet.timestamp;
    if (sameFrame) {
      // Parameter sets and slices of one access unit, or its first packet after its second.
      keyframeSequence = Math.min(keyframeSequence, sequence);
      return;
    }
    if (sequence < keyframeSequence) {
      return;
    }
    keyframeSequence = sequence;
    keyframeTimestamp = packet.timestamp;
    keyframeArrivalNs = packet.arrivalNs;
    keyframesSeen++;
    width = packet.width;
    height = packet.height;
    keyframes.onKeyframe(packet.arrivalNs);
  }

  /**
   * Makes the new packets of this batch equally long by a few bytes of padding, where they nearly
   * are: only then does the kernel take them as one send. The last may be shorter as it is.
   */
  void equalise() {
    long newest = extender.newest();
    long first = Math.max(highestBefore + 1, newest - BATCH_MAX);
    int longest = 0;
    for (long sequence = first; sequence <= newest; sequence++) {
      int slot = cache.slotOf(sequence);
      longest = slot < 0 ? longest : Math.max(longest, cache.variableLength(slot));
    }
    for (long sequence = first; sequence < newest; sequence++) {
      int slot = cache.slotOf(sequence);
      int lacking = slot < 0 ? 0 : longest - cache.variableLength(slot);
      if (lacking > 0 && lacking <= PADDING_MAX) {
        cache.pad(slot, lacking);
      }
    }
  }

  /** Everybody has been served what came in this batch. */
  void endBatch() {
    highestBefore = extender.newest();
    lateCount = 0;
  }

  @Override
  public void close() {
    closed = true;
    room.giveBack(cache, slotsAtFirst);
    cache.close();
  }
}
