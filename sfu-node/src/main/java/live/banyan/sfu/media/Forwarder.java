package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.PacketSink;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.RtpHeaderWriter;
import org.jspecify.annotations.Nullable;

/**
 * The way from packet caches to subscribers. Tracks that have something new are marked while a
 * batch comes in; {@link #serve} then gives each subscriber all its packets one after the other, so
 * that they leave as one segmented send. Audio goes first and never waits; the beginning of a
 * picture waits for its rest where there is much to forward. One instance per shard; not thread
 * safe.
 */
public final class Forwarder {
  private static final int OSN_LENGTH = 2;
  private static final int TRANSPORT_SEQUENCE_LENGTH = 2;

  /** The whole of a packet that has nothing but padding (RFC 3550 §5.1): its length. */
  private static final int EMPTY_LENGTH = 1;

  /** Between two portions of a replay. */
  private static final long REPLAY_STEP_NS = 2_000_000;

  /** Longest that a packet waits for others of its frame, after what it may wait in the socket. */
  static final long WINDOW_MAX_NS = 500_000;

  /** Longest that a busy shard leaves the socket alone: each of its viewers reports by itself. */
  private static final long REST_NS = 1_500_000;

  /** Where a track has so many subscribers here, their sends are what the shard does. */
  private static final int AUDIENCE_MIN = 10;

  /** Where a shard forwards so much, each send saved leaves it time for the others' packets. */
  private static final int BUSY_PACKETS = 200;

  private static final long BUSY_INTERVAL_NS = 100_000_000;

  private final PacketSink sink;
  private final Consumer<Subscription> onFlowing;
  private final RtpHeaderWriter header = new RtpHeaderWriter();
  private final FrameEdit edit = new FrameEdit();
  private final MemorySegment empty = Arena.ofAuto().allocate(EMPTY_LENGTH);
  private Track[] dirty = new Track[16];
  private int dirtyCount;
  private long deadlineNs = Long.MAX_VALUE;

  private boolean busy;
  private long intervalNs;
  private long intervalPackets;
  private long nowNs;
  private long packetsOut;
  private long bytesOut;
  private long rtxOut;
  private long resentOut;
  private long probesOut;

  /**
   * Builds a forwarder.
   *
   * @param onFlowing told once of each subscription whose first packet left
   */
  public Forwarder(PacketSink sink, Consumer<Subscription> onFlowing) {
    this.sink = sink;
    this.onFlowing = onFlowing;
    NetworkOrder.put8(empty, 0, EMPTY_LENGTH);
  }

  /** Packets sent, repetitions included. */
  public long packetsOut() {
    return packetsOut;
  }

  /** Bytes of UDP payload sent. */
  public long bytesOut() {
    return bytesOut;
  }

  /** Repetitions sent as RTX. */
  public long rtxOut() {
    return rtxOut;
  }

  /** Repetitions sent as they were, for want of RTX. */
  public long resentOut() {
    return resentOut;
  }

  /** Packets sent to find out what a path bears. */
  public long probesOut() {
    return probesOut;
  }

  /** When {@link #serve} has something to do next, unless a packet comes. */
  public long deadlineNs() {
    return deadlineNs;
  }

  /** Notes that a track's subscribers may have something to be sent at once. */
  public void mark(Track track) {
    deadlineNs = Long.MIN_VALUE;
    track.holdUntil(Long.MIN_VALUE);
    note(track);
  }

  /**
   * Notes the same where the rest of the frame is on its way. No viewer can show a frame before its
   * last packet is there, so that its beginning waits for it, half a millisecond at most; not on a
   * shard that has little to do, where nothing is won.
   */
  public void markUnfinished(Track track, long nowNs) {
    if (track.subscriptionCount() < AUDIENCE_MIN && !busy(nowNs)) {
      mark(track);
    } else if (!track.dirty()) {
      track.holdUntil(nowNs + WINDOW_MAX_NS);
      deadlineNs = Math.min(deadlineNs, nowNs + WINDOW_MAX_NS);
      note(track);
    }
  }

  /**
   * How long the shard may leave the socket alone; 0 where little is forwarded, or something waits.
   */
  public long restNs(long nowNs) {
    return dirtyCount == 0 && busy(nowNs) ? REST_NS : 0;
  }

  private boolean busy(long nowNs) {
    long elapsed = nowNs - intervalNs;
    if (elapsed < 0 || elapsed >= BUSY_INTERVAL_NS) { // clocks may begin below 0
      long least = BUSY_PACKETS * (elapsed / BUSY_INTERVAL_NS);
      busy = elapsed > 0 && packetsOut - intervalPackets >= least;
      intervalNs = nowNs;
      intervalPackets = packetsOut;
    }
    return busy;
  }

  private void note(Track track) {
    if (!track.markDirty()) {
      return;
    }
    if (dirtyCount == dirty.length) {
      dirty = Arrays.copyOf(dirty, dirtyCount * 2);
    }
    dirty[dirtyCount++] = track;
  }

  /** Attaches a subscription to a track, or to none, and serves it with the next batch. */
  public void move(Subscription subscription, @Nullable Track track) {
    subscription.move(track);
    if (track != null) {
      mark(track);
    }
  }

  /** Repeats what a subscriber misses. */
  public void resend(Subscription subscription, int sequence, long nowNs) {
    this.nowNs = nowNs;
    if (subscription.outlet().cipher() != null) {
      subscription.resend(this, sequence, nowNs);
    }
  }

  /**
   * Probes a viewer's path with repetitions of what it has got.
   *
   * @return packets sent
   */
  public int probe(ViewerSubscription subscription, int packets, long nowNs) {
    this.nowNs = nowNs;
    int sent = subscription.outlet().cipher() == null ? 0 : subscription.probe(this, packets);
    probesOut += sent;
    return sent;
  }

  /** Sends everything that is due; to be called at the end of each batch. */
  public void serve(long nowNs) {
    this.nowNs = nowNs;
    int count = dirtyCount;
    if (count == 0) {
      return;
    }
    dirtyCount = 0;
    for (int i = 0; i < count; i++) {
      if (dirty[i].codec().audio()) {
        serve(dirty[i], nowNs);
      }
    }
    for (int i = 0; i < count; i++) {
      if (!dirty[i].codec().audio() && dirty[i].heldUntilNs() <= nowNs) {
        serve(dirty[i], nowNs);
      }
    }
    keepDirty(count, nowNs);
  }

  /** Keeps what waits for its frame, and what has more to replay than may be sent at once. */
  private void keepDirty(int count, long nowNs) {
    int kept = 0;
    deadlineNs = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Track track = dirty[i];
      if (track.dirty()) {
        dirty[kept++] = track;
        boolean waits = track.heldUntilNs() > nowNs;
        deadlineNs = Math.min(deadlineNs, waits ? track.heldUntilNs() : nowNs + REPLAY_STEP_NS);
      }
    }
    Arrays.fill(dirty, kept, count, null);
    dirtyCount = kept;
  }

  private void serve(Track track, long nowNs) {
    track.clean();
    if (track.closed()) {
      return;
    }
    if (!track.codec().audio()) {
      for (int i = 0; i < track.layerCount(); i++) {
        track.layer(i).equalise();
      }
    }
    boolean more = false;
    for (int i = 0; i < track.subscriptionCount(); i++) {
      Subscription subscription = track.subscription(i);
      boolean silent = subscription.packetsSent() == 0;
      more |= subscription.serve(this, track, nowNs);
      if (silent && subscription.packetsSent() > 0) {
        onFlowing.accept(subscription);
      }
    }
    for (int i = 0; i < track.layerCount(); i++) {
      track.layer(i).endBatch();
    }
    if (more) {
      track.markDirty();
    }
  }

  void countResent() {
    resentOut++;
  }

  /** Sends a cached packet under a header of the subscriber's own. */
  void send(
      Outlet outlet,
      HeaderTemplate template,
      PacketCache cache,
      int slot,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc) {
    emit(
        outlet,
        template,
        cache,
        slot,
        extendedSequence,
        payloadType,
        timestamp,
        ssrc,
        cache.payloadOffset(slot),
        cache.payloadLength(slot),
        cache.padding(slot),
        null);
  }

  /** What changes in the next packet's header; to be filled before each packet that wants it. */
  FrameEdit edit() {
    return edit;
  }

  /** Likewise, with a marker and a dependency descriptor of the subscriber's own. */
  void send(
      Outlet outlet,
      HeaderTemplate template,
      PacketCache cache,
      int slot,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc,
      FrameEdit edit) {
    emit(
        outlet,
        template,
        cache,
        slot,
        extendedSequence,
        payloadType,
        timestamp,
        ssrc,
        cache.payloadOffset(slot),
        cache.payloadLength(slot),
        cache.padding(slot),
        edit);
  }

  /** Sends a packet without payload: its number is in use, and there is nothing behind it. */
  void sendEmpty(
      Outlet outlet,
      HeaderTemplate template,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc) {
    PacketCipher cipher = outlet.cipher();
    if (cipher == null) {
      return;
    }
    header.begin(false, payloadType, (int) extendedSequence, timestamp, ssrc);
    addOwn(template);
    int headerLength = header.length();
    int room = headerLength + EMPTY_LENGTH + PacketCipher.MAX_OVERHEAD;
    MemorySegment memory = sink.memory();
    long at = sink.claim(outlet.addressHigh(), outlet.addressLow(), outlet.port(), room);
    header.write(memory, at);
    RtpHeader.setPadding(memory, at);
    seal(outlet, template, cipher, extendedSequence, at, headerLength, empty, 0, EMPTY_LENGTH);
  }

  /** Sends a cached packet in its redundant form. */
  void sendRed(
      Outlet outlet,
      HeaderTemplate template,
      PacketCache cache,
      int slot,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc) {
    emit(
        outlet,
        template,
        cache,
        slot,
        extendedSequence,
        payloadType,
        timestamp,
        ssrc,
        cache.redOffset(slot),
        cache.redLength(slot),
        0,
        null);
  }

  /** Sends a cached packet as a repetition (RFC 4588 §4). */
  void sendRtx(
      Outlet outlet,
      HeaderTemplate template,
      PacketCache cache,
      int slot,
      long original,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc,
      @Nullable FrameEdit edit) {
    rtxOut++;
    long payload = cache.payloadOffset(slot) - OSN_LENGTH;
    NetworkOrder.put16(cache.memory(), payload, (int) original);
    int length = cache.payloadLength(slot) + OSN_LENGTH;
    emit(
        outlet,
        template,
        cache,
        slot,
        extendedSequence,
        payloadType,
        timestamp,
        ssrc,
        payload,
        length,
        0,
        edit);
  }

  private void emit(
      Outlet outlet,
      HeaderTemplate template,
      PacketCache cache,
      int slot,
      long extendedSequence,
      int payloadType,
      int timestamp,
      int ssrc,
      long payload,
      int payloadLength,
      int padding,
      @Nullable FrameEdit edit) {
    PacketCipher cipher = outlet.cipher();
    if (cipher == null) {
      return;
    }
    boolean kept = edit == null && cache.keepsHeader(slot, template);
    if (!kept) {
      begin(template, cache, slot, edit);
    }
    int headerLength = kept ? cache.headerLength(slot) : header.length();
    int length = payloadLength + padding;
    int room = headerLength + length + PacketCipher.MAX_OVERHEAD;
    MemorySegment memory = sink.memory();
    long at = sink.claim(outlet.addressHigh(), outlet.addressLow(), outlet.port(), room);
    if (kept) {
      MemorySegment.copy(cache.memory(), cache.headerOffset(slot), memory, at, headerLength);
    } else {
      header.write(memory, at);
      if (edit == null) {
        cache.keepHeader(slot, template, memory, at, headerLength);
      }
    }
    int sequence = (int) extendedSequence;
    boolean marker = edit == null ? cache.marker(slot) : edit.marker();
    RtpHeader.rewrite(memory, at, marker, payloadType, sequence, timestamp, ssrc);
    if (padding > 0) {
      RtpHeader.setPadding(memory, at);
    }
    seal(
        outlet,
        template,
        cipher,
        extendedSequence,
        at,
        headerLength,
        cache.memory(),
        payload,
        length);
  }

  /** Numbers, encrypts and counts the packet whose header stands in the claimed slot. */
  private void seal(
      Outlet outlet,
      HeaderTemplate template,
      PacketCipher cipher,
      long extendedSequence,
      long at,
      int headerLength,
      MemorySegment source,
      long payload,
      int length) {
    MemorySegment memory = sink.memory();
    CongestionControl congestion = template.counted ? outlet.congestion() : null;
    boolean numbered = congestion != null && template.transportSequenceId != 0;
    if (congestion != null && numbered) {
      NetworkOrder.put16(memory, transportSequenceAt(memory, at), congestion.nextSequence());
    }
    int ssrc = congestion == null ? 0 : RtpHeader.ssrc(memory, at);
    int sealed =
        cipher.protectRtp(extendedSequence, memory, at, headerLength, source, payload, length);
    sink.commit(sealed);
    if (congestion != null && (numbered || congestion.expectsStreams())) {
      congestion.sent(ssrc, (int) extendedSequence, sealed, nowNs);
    }
    packetsOut++;
    bytesOut += sealed;
  }

  /** Where the number stands in a header that {@link #begin} has begun with it. */
  private static long transportSequenceAt(MemorySegment memory, long at) {
    long elements = at + RtpHeader.FIXED_LENGTH;
    boolean oneByte = NetworkOrder.u16(memory, elements) == RtpExtensions.ONE_BYTE_PROFILE;
    return elements + 4 + (oneByte ? 1 : 2);
  }

  private void begin(
      HeaderTemplate template, PacketCache cache, int slot, @Nullable FrameEdit edit) {
    header.begin(false, 0, 0, 0, 0);
    addOwn(template);
    for (int kind = 0; kind < template.ids.length; kind++) {
      int length = cache.extensionLength(slot, kind);
      if (length > 0 && edit != null && kind == IncomingPacket.DESCRIPTOR) {
        int edited = edit.describe(cache.memory(), cache.extensionOffset(slot, kind), length);
        header.add(template.ids[kind], edit.memory(), 0, edited);
      } else if (length > 0) {
        header.add(template.ids[kind], cache.memory(), cache.extensionOffset(slot, kind), length);
      }
    }
  }

  /** Adds the extensions that are no packet's but this subscriber's; the number is first. */
  private void addOwn(HeaderTemplate template) {
    header.add(template.transportSequenceId, 0, TRANSPORT_SEQUENCE_LENGTH);
    if (template.midId != 0) {
      header.add(template.midId, template.mid, 0, template.midLength);
    }
  }
}
