package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.congestion.StreamReporter;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.depacket.Frame;
import live.banyan.sfu.depacket.FrameAssembler;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.SequenceExtender;

/**
 * A viewer that reports arrivals, asks for what it lacks, and looks whether each frame that comes
 * out of its depacketiser is whole and follows the one that it refers to.
 */
final class ReportingViewer {
  static final int SSRC = 0x7001;
  static final int RTX_SSRC = 0x7002;
  static final int EXTENSION_ID = 5;
  private static final long NACK_EVERY_NS = 20_000_000L;

  private final SequenceExtender extender = new SequenceExtender();
  private final Map<Long, Long> missingSinceNs = new TreeMap<>();
  private final TwccArrivals arrivals = new TwccArrivals();
  private final StreamReporter streams = new StreamReporter(10);

  /** Reports by stream (RFC 8888) instead of by transport-wide numbers. */
  boolean byStream;

  private final byte[] memory = new byte[1_400];
  private final MemorySegment segment = MemorySegment.ofArray(memory);
  final FrameAssembler assembler = new FrameAssembler(Codec.VP8, this::onFrame);
  private long lastNackNs;
  private int lastLayer = -1;
  private int lastFrame;
  private long frames;
  private long lastFrameNs;
  final List<String> broken = new ArrayList<>();
  final long[] framesOfLayer = new long[Simulcaster.KBPS.length];
  long longestGapNs;

  /** How far the timestamps have fallen behind the arrivals since the first frame, at the most. */
  long clockLateNs;

  private long firstFrameNs;
  private int firstTimestamp;
  int rtx;
  int uncounted;
  int lastTimestamp;
  boolean backwards;

  int layer() {
    return lastLayer;
  }

  void receive(byte[] packet, long nowNs) {
    if (!RtpPackets.isRtp(packet)) {
      return;
    }
    noteArrival(packet, nowNs);
    int header = RtpPackets.headerLength(packet);
    boolean repeated = RtpPackets.ssrc(packet) == RTX_SSRC;
    rtx += repeated ? 1 : 0;
    int sequence =
        repeated ? ByteBuffer.wrap(packet).getShort(header) & 0xFFFF : RtpPackets.sequence(packet);
    int payload = repeated ? header + 2 : header;
    long before = extender.newest();
    long index = extender.extend(sequence);
    for (long lost = before + 1; before >= 0 && lost < index; lost++) {
      missingSinceNs.put(lost, nowNs);
    }
    missingSinceNs.remove(index);
    assembler.packet(
        index,
        RtpPackets.timestamp(packet),
        (packet[1] & 0x80) != 0,
        MemorySegment.ofArray(packet),
        payload,
        packet.length - payload,
        nowNs);
  }

  private void noteArrival(byte[] packet, long nowNs) {
    boolean extended = (packet[0] & 0x10) != 0;
    if (extended && (packet[16] & 0xFF) >> 4 == EXTENSION_ID) {
      arrivals.record(ByteBuffer.wrap(packet).getShort(17) & 0xFFFF, nowNs);
    } else if (byStream) {
      streams.record(RtpPackets.ssrc(packet), RtpPackets.sequence(packet), nowNs);
    } else {
      uncounted++;
    }
  }

  private void onFrame(Frame frame) {
    frames++;
    ByteBuffer data = ByteBuffer.wrap(frame.data());
    int count = data.getInt(1) & 0x3F;
    int chunk = frame.data().length / count;
    int first = data.getInt(1);
    int layer = first >>> 28;
    int number = first >> 12 & 0xFFFF;
    boolean whole = frame.data().length % count == 0;
    for (int part = 0; part < count && whole; part++) {
      whole = data.getInt(part * chunk + 1) == (first & ~0xFC0 | part << 6);
    }
    boolean follows = layer == lastLayer && number == lastFrame + 1;
    if (!whole || !frame.decodable() || !frame.keyframe() && !follows) {
      broken.add(
          "frame "
              + frames
              + ": whole "
              + whole
              + ", decodable "
              + frame.decodable()
              + ", key "
              + frame.keyframe()
              + ", layer "
              + layer
              + "."
              + number
              + " after "
              + lastLayer
              + "."
              + lastFrame);
    }
    if (frames == 1) {
      firstFrameNs = frame.emittedNs();
      firstTimestamp = frame.timestamp();
    }
    long clockNs = (frame.timestamp() - firstTimestamp) * 1_000_000L / 90;
    clockLateNs = Math.max(clockLateNs, frame.emittedNs() - firstFrameNs - clockNs);
    backwards |= frames > 1 && frame.timestamp() - lastTimestamp <= 0;
    lastTimestamp = frame.timestamp();
    lastLayer = layer;
    lastFrame = number;
    framesOfLayer[layer]++;
    if (lastFrameNs != 0) {
      longestGapNs = Math.max(longestGapNs, frame.emittedNs() - lastFrameNs);
    }
    lastFrameNs = frame.emittedNs();
  }

  /** What is to be sent now: reports of arrivals, and requests for what is missing. */
  List<byte[]> tick(long nowNs) {
    assembler.poll(nowNs);
    List<byte[]> out = new ArrayList<>();
    if (streams.isDue(nowNs)) {
      int length = RtcpWriter.receiverReport(segment, 0, 1);
      out.add(Arrays.copyOf(memory, length + streams.write(segment, length, nowNs)));
    }
    while (arrivals.isDue(nowNs)) {
      int length = RtcpWriter.receiverReport(segment, 0, 1);
      int report = arrivals.writeFeedback(segment, length, 1_200, 1, SSRC, nowNs);
      if (report == 0) {
        break;
      }
      out.add(Arrays.copyOf(memory, length + report));
    }
    if (!missingSinceNs.isEmpty() && nowNs - lastNackNs >= NACK_EVERY_NS) {
      lastNackNs = nowNs;
      missingSinceNs.values().removeIf(since -> nowNs - since > 1_000_000_000L);
      long[] asked =
          missingSinceNs.keySet().stream().mapToLong(Long::longValue).limit(100).toArray();
      if (asked.length > 0) {
        int length = RtcpWriter.receiverReport(segment, 0, 1);
        length += RtcpWriter.nack(segment, length, 1, SSRC, asked, 0, asked.length);
        out.add(Arrays.copyOf(memory, length));
      }
    }
    return out;
  }
}
