package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.congestion.ReceptionStatistics;
import live.banyan.sfu.depacket.Frame;
import live.banyan.sfu.depacket.FrameAssembler;
import live.banyan.sfu.media.NackGenerator;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.SequenceExtender;
import org.jspecify.annotations.Nullable;

/**
 * One received track: what is missing of it, how late it is, and which frames come out whole. The
 * codec may change under it when another broadcaster takes over.
 */
final class TrackReceiver {
  /** Packets back that a repetition is still recognised. A power of two. */
  private static final int SEEN = 4_096;

  /** A capture time further away than this is from a clock that is not ours. */
  private static final long PLAUSIBLE_NS = 60_000_000_000L;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final RemoteAnswer.Track answer;
  private final boolean assemble;
  private final FrameListener listener;
  private final int captureTimeId;
  private final long[] seen = new long[SEEN];
  private final LatencyHistogram latency = new LatencyHistogram();
  private final OpeningBurst opening = new OpeningBurst();
  private final NackGenerator nack = new NackGenerator();
  private SequenceExtender extender = new SequenceExtender();
  private @Nullable ReceptionStatistics statistics;
  private @Nullable FrameAssembler assembler;
  private @Nullable Codec codec;
  private int ssrc;
  private boolean bound;
  private long firstIndex = -1;

  private long packets;
  private long lostBefore;
  private long framesBefore;
  private long brokenBefore;
  private long longestGapNs = -1;
  private long firstMediaNs;
  private boolean sawMedia;
  private long firstKeyframeNs;
  private boolean sawKeyframe;
  private boolean damaged;

  TrackReceiver(RemoteAnswer.Track answer, boolean assemble, FrameListener listener) {
    this.answer = answer;
    this.assemble = assemble;
    this.listener = listener;
    this.captureTimeId = answer.extensions().id(ExtensionKind.ABS_CAPTURE_TIME);
    Arrays.fill(seen, -1);
  }

  RemoteAnswer.Track answer() {
    return answer;
  }

  boolean bound() {
    return bound;
  }

  int ssrc() {
    return ssrc;
  }

  NackGenerator nack() {
    return nack;
  }

  /** Newest packet index, -1 before the first. */
  long highest() {
    return extender.newest();
  }

  @Nullable ReceptionStatistics statistics() {
    return statistics;
  }

  LatencyHistogram latency() {
    return latency;
  }

  /**
   * A media packet, original or restored from RTX.
   *
   * @param repaired came as RTX, so it says nothing of the path's loss
   */
  void packet(
      MemorySegment packet,
      long offset,
      int length,
      int headerLength,
      boolean repaired,
      long nowNs) {
    Codec packetCodec = answer.codecs().get(RtpHeader.payloadType(packet, offset));
    int packetSsrc = RtpHeader.ssrc(packet, offset);
    if (packetCodec == null || repaired && (!bound || packetSsrc != ssrc)) {
      return;
    }
    if (!bound || packetSsrc != ssrc || packetCodec != codec) {
      bind(packetSsrc, packetCodec, nowNs);
    }
    long before = extender.newest();
    long index = extender.extend(RtpHeader.sequence(packet, offset));
    if (index < 0 || index <= extender.newest() - SEEN || seen[(int) index & SEEN - 1] == index) {
      return;
    }
    seen[(int) index & SEEN - 1] = index;
    int timestamp = RtpHeader.timestamp(packet, offset);
    count(index, before, timestamp, repaired, nowNs);
    int payloadLength = RtpHeader.payloadLength(packet, offset, length, headerLength);
    if (payloadLength > 0) {
      noteArrival(packet, offset, timestamp, packetCodec.clockRateHz(), nowNs);
    }
    FrameAssembler frames = assembler;
    if (frames != null) {
      frames.packet(
          index,
          timestamp,
          RtpHeader.marker(packet, offset),
          packet,
          offset + headerLength,
          payloadLength,
          nowNs);
      noteKeyframe(frames);
    }
  }

  private void bind(int packetSsrc, Codec packetCodec, long nowNs) {
    finish(nowNs);
    if (!bound || packetSsrc != ssrc) {
      lostBefore += missing();
      extender = new SequenceExtender();
      firstIndex = -1;
      packetsAtBind = packets;
      Arrays.fill(seen, -1);
      nack.clear();
      statistics = new ReceptionStatistics(packetCodec.clockRateHz());
    }
    bound = true;
    ssrc = packetSsrc;
    codec = packetCodec;
    assembler =
        assemble ? new FrameAssembler(packetCodec, frame -> onFrame(packetCodec, frame)) : null;
  }

  private long packetsAtBind;

  private void count(long index, long before, int timestamp, boolean repaired, long nowNs) {
    packets++;
    if (firstIndex < 0 || index < firstIndex) {
      firstIndex = index;
    }
    if (before >= 0 && index > before + 1) {
      nack.onGap(before + 1, index, nowNs);
    } else if (index < before) {
      nack.onLate(index, nowNs);
    }
    ReceptionStatistics reception = statistics;
    if (reception != null && !repaired) {
      reception.received(index, timestamp, nowNs);
    }
  }

  private void noteArrival(
      MemorySegment packet, long offset, int timestamp, int clockRateHz, long nowNs) {
    if (!sawMedia) {
      sawMedia = true;
      firstMediaNs = nowNs;
    }
    long capture =
        ExtensionValues.absCaptureTime(packet, RtpExtensions.find(packet, offset, captureTimeId));
    if (capture != 0) {
      Instant now = Instant.now();
      long captureNs = NtpTime.toEpochNs(capture);
      long late = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - captureNs;
      if (Math.abs(late) < PLAUSIBLE_NS && opening.over(timestamp, clockRateHz, captureNs)) {
        latency.record(late);
      }
    }
  }

  private void onFrame(Codec frameCodec, Frame frame) {
    damaged |= !frame.decodable();
    listener.onFrame(frameCodec, frame);
  }

  private void noteKeyframe(FrameAssembler frames) {
    if (!sawKeyframe && frames.sawKeyframe()) {
      sawKeyframe = true;
      firstKeyframeNs = frames.firstKeyframeNs();
    }
  }

  /** Gives up what has been waited for long enough. */
  void poll(long nowNs) {
    FrameAssembler frames = assembler;
    if (frames != null) {
      frames.poll(nowNs);
      noteKeyframe(frames);
    }
  }

  /** Takes the present assembler's figures over; packets still missing then are given up. */
  private void finish(long nowNs) {
    FrameAssembler frames = assembler;
    if (frames != null) {
      frames.flush(nowNs);
      noteKeyframe(frames);
      framesBefore += frames.frames();
      brokenBefore += frames.framesBroken();
      longestGapNs = Math.max(longestGapNs, frames.longestGapNs());
      assembler = null;
    }
  }

  private long missing() {
    return firstIndex < 0
        ? 0
        : Math.max(0, extender.newest() - firstIndex + 1 - (packets - packetsAtBind));
  }

  /** Whether a frame that cannot be decoded has come since the last call. */
  boolean takeDamaged() {
    boolean was = damaged;
    damaged = false;
    return was;
  }

  long packets() {
    return packets;
  }

  long lost() {
    return lostBefore + missing();
  }

  long frames() {
    return framesBefore + (assembler == null ? 0 : assembler.frames());
  }

  long framesBroken() {
    return brokenBefore + (assembler == null ? 0 : assembler.framesBroken());
  }

  /** Longest time between complete frames, or -1. */
  long longestGapNs() {
    return Math.max(longestGapNs, assembler == null ? -1 : assembler.longestGapNs());
  }

  boolean sawMedia() {
    return sawMedia;
  }

  long firstMediaNs() {
    return firstMediaNs;
  }

  boolean sawKeyframe() {
    return sawKeyframe;
  }

  long firstKeyframeNs() {
    return firstKeyframeNs;
  }
}
