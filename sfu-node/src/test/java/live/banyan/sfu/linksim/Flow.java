package live.banyan.sfu.linksim;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.congestion.StreamReporter;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import org.jspecify.annotations.Nullable;

/**
 * A sender that fills what it believes the path bears, and its receiver, which reports arrivals.
 * The source is an encoder: it makes a frame of what the rate allows, or with {@code fps} of 0 one
 * packet after the other.
 */
final class Flow {
  static final int PACKET_BYTES = 1_200;
  private static final int SSRC = 0x7001;

  /** One packet, or one feedback on its way back. */
  record Packet(Flow flow, int sequence, byte[] feedback) {}

  final CongestionControl control;
  final TwccArrivals arrivals = new TwccArrivals();
  private final int fps;
  private final long sourceMaxBps;
  private final byte[] memory = new byte[1_200];
  private final MemorySegment segment = MemorySegment.ofArray(memory);
  private double owedBytes;
  private long nextFrameNs;
  private long frameBacklog;
  long startNs;
  long sentBytes;
  long receivedBytes;

  // Instead of transport-wide numbers.
  private @Nullable StreamReporter streams;
  private int streamSequence = 65_000;

  Flow(long startBps, int fps, long sourceMaxBps) {
    control = new CongestionControl(startBps);
    this.fps = fps;
    this.sourceMaxBps = sourceMaxBps;
  }

  /** Has the receiver speak RFC 8888 alone, repeating the last packets in each report. */
  Flow reportStreams() {
    streams = new StreamReporter(20);
    control.expectStreams();
    return this;
  }

  void tick(SimulatedLink<Packet> link, long nowNs, long tickNs) {
    if (nowNs < startNs) {
      return;
    }
    long rate = Math.min(control.sendRateBps(nowNs), sourceMaxBps);
    owedBytes += rate / 8.0 * tickNs / 1e9;
    if (fps == 0 || nowNs >= nextFrameNs) {
      nextFrameNs = fps == 0 ? nowNs : nowNs + 1_000_000_000L / fps;
      long packets = (long) (owedBytes / PACKET_BYTES);
      owedBytes -= packets * PACKET_BYTES;
      // A real encoder drops a frame rather than let a second of them wait.
      frameBacklog = Math.min(frameBacklog + packets, 200);
    }
    while (frameBacklog > 0 && control.admits(nowNs)) {
      send(link, nowNs);
      frameBacklog--;
    }
    control.want(sourceMaxBps);
    if (control.probeDue(nowNs)) {
      int probe = control.beginProbe(nowNs);
      for (int i = 0; i < probe; i++) {
        send(link, nowNs);
      }
      control.endProbe();
    }
    while (control.wantsPadding(nowNs)) {
      send(link, nowNs);
    }
  }

  private void send(SimulatedLink<Packet> link, long nowNs) {
    int sequence = streams == null ? control.nextSequence() : streamSequence++ & 0xFFFF;
    control.sent(SSRC, sequence, PACKET_BYTES, nowNs);
    sentBytes += PACKET_BYTES;
    link.send(new Packet(this, sequence, new byte[0]), PACKET_BYTES, nowNs);
  }

  void receive(Packet packet, long nowNs) {
    long receiverNs = nowNs + 77_000_000_000L;
    if (streams == null) {
      arrivals.record(packet.sequence, receiverNs);
    } else {
      streams.record(SSRC, packet.sequence, receiverNs);
    }
    receivedBytes += PACKET_BYTES;
  }

  /** Feedback that is due, sent on the way back. */
  void report(SimulatedLink<Packet> back, long nowNs) {
    long receiverNs = nowNs + 77_000_000_000L;
    if (streams != null && streams.isDue(receiverNs)) {
      int length = streams.write(segment, 0, receiverNs);
      back.send(new Packet(this, 0, Arrays.copyOf(memory, length)), length, nowNs);
    }
    while (arrivals.isDue(receiverNs)) {
      int length = arrivals.writeFeedback(segment, 0, memory.length, 1, 2, receiverNs);
      if (length == 0) {
        return;
      }
      back.send(new Packet(this, 0, Arrays.copyOf(memory, length)), length, nowNs);
    }
  }

  void onFeedback(byte[] rtcp, long nowNs) {
    MemorySegment received = MemorySegment.ofArray(rtcp);
    RtcpCompound.walk(
        received,
        0,
        rtcp.length,
        new RtcpVisitor() {
          @Override
          public void transportFeedback(
              int sender, int media, MemorySegment memory, long offset, int length) {
            control.onFeedback(memory, offset, length, nowNs);
          }

          @Override
          public void congestionFeedback(
              int sender, MemorySegment memory, long offset, int length) {
            control.onStreamFeedback(memory, offset, length, nowNs);
          }
        });
  }
}
