package live.banyan.sfu.media;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.PacketSink;
import live.banyan.sfu.rtp.RtpHeaderWriter;
import org.jspecify.annotations.Nullable;

/**
 * The way from packet caches to subscribers. Tracks that have something new are marked while a
 * batch comes in; {@link #serve} then gives each subscriber all its packets one after the other, so
 * that they leave as one segmented send. Audio goes first. One instance per shard; not thread safe.
 */
public final class Forwarder {
  private static final int OSN_LENGTH = 2;

  /** Between two portions of a replay. */
  private static final long REPLAY_STEP_NS = 2_000_000;

  private final PacketSink sink;
  private final Consumer<Subscription> onFlowing;
  private final RtpHeaderWriter header = new RtpHeaderWriter();
  private Track[] dirty = new Track[16];
  private int dirtyCount;
  private long deadlineNs = Long.MAX_VALUE;

  private long packetsOut;
  private long bytesOut;
  private long rtxOut;
  private long resentOut;

  /**
   * Builds a forwarder.
   *
   * @param onFlowing told once of each subscription whose first packet left
   */
  public Forwarder(PacketSink sink, Consumer<Subscription> onFlowing) {
    this.sink = sink;
    this.onFlowing = onFlowing;
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

  /** When {@link #serve} has something to do next, unless a packet comes. */
  public long deadlineNs() {
    return deadlineNs;
  }

  /** Notes that a track's subscribers may have something to be sent. */
  public void mark(Track track) {
    deadlineNs = Long.MIN_VALUE;
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
    if (subscription.outlet().cipher() != null) {
      subscription.resend(this, sequence, nowNs);
    }
  }

  /** Sends everything that is due; to be called at the end of each batch. */
  public void serve(long nowNs) {
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
      if (!dirty[i].codec().audio()) {
        serve(dirty[i], nowNs);
      }
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Track track = dirty[i];
      if (track.dirty()) {
        dirty[kept++] = track;
      }
    }
    Arrays.fill(dirty, kept, count, null);
    dirtyCount = kept;
    deadlineNs = kept == 0 ? Long.MAX_VALUE : nowNs + REPLAY_STEP_NS;
  }

  private void serve(Track track, long nowNs) {
    track.clean();
    if (track.closed()) {
      return;
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
        cache.payloadLength(slot));
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
      int ssrc) {
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
        length);
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
      int payloadLength) {
    PacketCipher cipher = outlet.cipher();
    if (cipher == null) {
      return;
    }
    MemorySegment cached = cache.memory();
    header.begin(cache.marker(slot), payloadType, (int) extendedSequence, timestamp, ssrc);
    if (template.midId != 0) {
      header.add(template.midId, template.mid, 0, template.midLength);
    }
    for (int kind = 0; kind < template.ids.length; kind++) {
      int length = cache.extensionLength(slot, kind);
      if (length > 0) {
        header.add(template.ids[kind], cached, cache.extensionOffset(slot, kind), length);
      }
    }
    int room = header.length() + payloadLength + PacketCipher.MAX_OVERHEAD;
    long at = sink.claim(outlet.addressHigh(), outlet.addressLow(), outlet.port(), room);
    int headerLength = header.write(sink.memory(), at);
    int length =
        cipher.protectRtp(
            extendedSequence, sink.memory(), at, headerLength, cached, payload, payloadLength);
    sink.commit(length);
    packetsOut++;
    bytesOut += length;
  }
}
