package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * One compound, every type: what it tells lies inside of it and is not more than its length allows;
 * a refused one tells nothing; what our writer makes of it, our reader reads as the same.
 */
public final class RtcpFuzz {
  private RtcpFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment segment = FuzzInput.packet(data);
    Told told = new Told(FuzzInput.LEAD + data.length);
    int count = RtcpCompound.walk(segment, FuzzInput.LEAD, data.length, told);
    assertEquals(count, RtcpCompound.check(segment, FuzzInput.LEAD, data.length));
    assertTrue(count <= data.length / 4);
    if (count < 0) {
      assertEquals(List.of(), told.sentences);
      return;
    }
    // A generic NACK names 17 packets in 4 bytes: nothing tells more.
    assertTrue(told.sentences.size() <= 17 * data.length / 4, "work is bounded by length");
    Told again = new Told(told.writtenTo);
    int written = told.writtenTo == 0 ? 0 : RtcpCompound.walk(told.out, 0, told.writtenTo, again);
    assertEquals(told.rewritten.isEmpty(), written == 0);
    assertEquals(told.rewritten, again.rewritten);
  }

  /** Keeps what it is told as sentences, and writes it again where there is room. */
  private static final class Told implements RtcpVisitor {
    private static final int ROOM = 4096;

    final List<String> sentences = new ArrayList<>();
    final List<String> rewritten = new ArrayList<>();
    final MemorySegment out = MemorySegment.ofArray(new byte[ROOM + 1200]);
    private final long end;
    int writtenTo;

    Told(long end) {
      this.end = end;
    }

    /** Notes a sentence; whether there is room to write it again. */
    private boolean note(String sentence) {
      sentences.add(sentence);
      boolean fits = writtenTo < ROOM;
      if (fits) {
        rewritten.add(sentence);
      }
      return fits;
    }

    @Override
    public void senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
      if (note("SR " + ssrc + " " + ntp + " " + rtpTimestamp + " " + packets + " " + octets)) {
        writtenTo +=
            RtcpWriter.senderReport(out, writtenTo, ssrc, ntp, rtpTimestamp, packets, octets);
      }
    }

    @Override
    public void receiverReport(int ssrc) {
      // The block of a sender report is written into a receiver report of its own, see below.
      sentences.add("RR " + ssrc);
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
      assertTrue(fractionLost >= 0 && fractionLost <= 255);
      assertTrue(highestSequence >= 0 && highestSequence <= 0xffff_ffffL);
      assertTrue(jitter >= 0 && jitter <= 0xffff_ffffL);
      String sentence =
          "block %d %d %d %d %d %d %d %d"
              .formatted(
                  reporter,
                  source,
                  fractionLost,
                  cumulativeLost,
                  highestSequence,
                  jitter,
                  lastSenderReport,
                  delaySinceLast);
      if (note(sentence)) {
        int length = RtcpWriter.receiverReport(out, writtenTo, reporter);
        writtenTo +=
            RtcpWriter.appendReportBlock(
                out,
                writtenTo,
                length,
                source,
                fractionLost,
                cumulativeLost,
                (int) highestSequence,
                (int) jitter,
                lastSenderReport,
                delaySinceLast);
      }
    }

    @Override
    public void cname(int ssrc, MemorySegment segment, long offset, int length) {
      assertTrue(length >= 0 && length <= 255 && offset + length <= end);
      byte[] name =
          segment.asSlice(offset, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      if (note("CNAME " + ssrc + " " + java.util.HexFormat.of().formatHex(name))) {
        writtenTo += RtcpWriter.cname(out, writtenTo, ssrc, name);
      }
    }

    @Override
    public void bye(int ssrc) {
      if (note("BYE " + ssrc)) {
        writtenTo += RtcpWriter.bye(out, writtenTo, ssrc);
      }
    }

    @Override
    public void nack(int sender, int media, int sequence) {
      assertTrue(sequence >= 0 && sequence <= 0xffff);
      if (note("NACK " + sender + " " + media + " " + sequence)) {
        writtenTo += RtcpWriter.nack(out, writtenTo, sender, media, new long[] {sequence}, 0, 1);
      }
    }

    @Override
    public void referenceTime(int sender, long ntp) {
      if (note("reference " + sender + " " + ntp)) {
        writtenTo += RtcpWriter.referenceTime(out, writtenTo, sender, ntp);
      }
    }

    @Override
    public void delaySinceReference(int sender, int receiver, int reference, int delay) {
      if (note("echo " + sender + " " + receiver + " " + reference + " " + delay)) {
        writtenTo +=
            RtcpWriter.delaySinceReference(out, writtenTo, sender, receiver, reference, delay);
      }
    }

    @Override
    public void pictureLoss(int sender, int media) {
      if (note("PLI " + sender + " " + media)) {
        writtenTo += RtcpWriter.pictureLoss(out, writtenTo, sender, media);
      }
    }

    @Override
    public void fullIntraRequest(int sender, int media, int commandNumber) {
      if (note("FIR " + sender + " " + media + " " + commandNumber)) {
        writtenTo += RtcpWriter.fullIntraRequest(out, writtenTo, sender, media, commandNumber);
      }
    }

    @Override
    public void receiverEstimatedBitrate(
        int sender, long bitrateBps, MemorySegment segment, long ssrcsOffset, int ssrcCount) {
      assertTrue(bitrateBps >= 0 && ssrcCount >= 0 && ssrcsOffset + 4L * ssrcCount <= end);
      if (bitrateBps == Long.MAX_VALUE) {
        sentences.add("REMB without end");
        return;
      }
      int[] ssrcs = new int[ssrcCount];
      StringBuilder sentence = new StringBuilder("REMB " + sender + " " + bitrateBps);
      for (int i = 0; i < ssrcCount; i++) {
        ssrcs[i] = NetworkOrder.i32(segment, ssrcsOffset + 4L * i);
        sentence.append(' ').append(ssrcs[i]);
      }
      if (note(sentence.toString())) {
        writtenTo +=
            RtcpWriter.receiverEstimatedBitrate(
                out, writtenTo, sender, bitrateBps, ssrcs, ssrcCount);
      }
    }

    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      assertTrue(length >= TransportFeedback.HEADER_LENGTH && offset + length <= end);
      sentences.add("feedback " + sender + " " + media);
    }

    @Override
    public void congestionFeedback(int sender, MemorySegment segment, long offset, int length) {
      assertTrue(length >= 4 && offset + length <= end);
      sentences.add("feedback by stream " + sender);
    }
  }
}
