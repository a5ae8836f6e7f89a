package live.banyan.sfu.rtcp;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.Packets;

/** Writes down what it hears, one line each. */
final class RecordingVisitor implements RtcpVisitor, TransportFeedback.Visitor {
  final List<String> heard = new ArrayList<>();
  final List<Integer> nacked = new ArrayList<>();

  @Override
  public void senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
    heard.add("SR %x %x %x %d %d".formatted(ssrc, ntp, rtpTimestamp, packets, octets));
  }

  @Override
  public void receiverReport(int ssrc) {
    heard.add("RR %x".formatted(ssrc));
  }

  @Override
  public void reportBlock(
      int reporter,
      int source,
      int fractionLost,
      int cumulativeLost,
      long highestSequence,
      long jitter,
      int lastSenderReport,
      int delaySinceLast) {
    heard.add(
        "block %x %x %d %d %d %d %x %x"
            .formatted(
                reporter,
                source,
                fractionLost,
                cumulativeLost,
                highestSequence,
                jitter,
                lastSenderReport,
                delaySinceLast));
  }

  @Override
  public void referenceTime(int sender, long ntp) {
    heard.add("time %x %x".formatted(sender, ntp));
  }

  @Override
  public void delaySinceReference(int sender, int receiver, int reference, int delay) {
    heard.add("echo %x %x %x %x".formatted(sender, receiver, reference, delay));
  }

  @Override
  public void cname(int ssrc, MemorySegment segment, long offset, int length) {
    heard.add(
        "cname %x %s"
            .formatted(
                ssrc, new String(Packets.slice(segment, offset, length), StandardCharsets.UTF_8)));
  }

  @Override
  public void bye(int ssrc) {
    heard.add("bye %x".formatted(ssrc));
  }

  @Override
  public void nack(int sender, int media, int sequence) {
    nacked.add(sequence);
  }

  @Override
  public void pictureLoss(int sender, int media) {
    heard.add("PLI %x %x".formatted(sender, media));
  }

  @Override
  public void fullIntraRequest(int sender, int media, int commandNumber) {
    heard.add("FIR %x %x %d".formatted(sender, media, commandNumber));
  }

  @Override
  public void receiverEstimatedBitrate(
      int sender, long bitrateBps, MemorySegment segment, long ssrcsOffset, int ssrcCount) {
    StringBuilder ssrcs = new StringBuilder();
    for (int i = 0; i < ssrcCount; i++) {
      ssrcs.append(" %x".formatted(NetworkOrder.i32(segment, ssrcsOffset + 4L * i)));
    }
    heard.add("REMB %x %d%s".formatted(sender, bitrateBps, ssrcs));
  }

  @Override
  public void transportFeedback(
      int sender, int media, MemorySegment segment, long offset, int length) {
    heard.add("TWCC %x %x".formatted(sender, media));
    TransportFeedback.parse(segment, offset, length, this);
  }

  @Override
  public void begin(int baseSequence, int statusCount, long referenceTimeUs, int feedbackCount) {
    heard.add(
        "begin %d %d %d %d".formatted(baseSequence, statusCount, referenceTimeUs, feedbackCount));
  }

  @Override
  public void received(int sequence, long arrivalUs) {
    heard.add("received %d %d".formatted(sequence, arrivalUs));
  }

  @Override
  public void missing(int firstSequence, int count) {
    heard.add("missing %d %d".formatted(firstSequence, count));
  }
}
