package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RtcpTest {
  /** Sender report with one block, CNAME, as one compound. */
  private static final String COMPOUND =
      "81c8000c 11111111 e6b9c0de80000000 00015f90 00000064 0001d4c0"
          + " 22222222 40ffffff 00010005 00000020 c0de8000 00010000"
          + " 81ca0003 11111111 0104 62616e79 0000"
          + " 81cb0001 11111111";

  private static final String REMB =
      "8fce0007 12345678 00000000 52454d42 0307fb93 23456789 2345678a 2345678b";
  private static final String FIR = "84ce0004 12345678 00000000 23456789 0d000000";
  private static final String PLI = "81ce0002 12345678 23456789";
  private static final String NACK_WRAPPING =
      "81cd0006 12345678 23456789 ffdc8000 fffe0017 00140000 00640000";

  /** As Chromium sent it: one packet, padded with P set. */
  private static final String TWCC = "afcd0005 fa17fa17 43032fa0 00990001 3de80217 2001 94 01";

  private static final String TWCC_VECTOR =
      "afcd0006 fa17fa17 193dd8bb 01740006 45b15a40 d800 f0 ffd0 000003";

  // RFC 3611 §4: an unknown block of one word, a reference time, and two echoes.
  private static final String EXTENDED =
      "80cf000d 11111111 63000001 0badcafe 04000002 e6b9c0de 80000000"
          + " 05000006 22222222 c0de8000 00010000 33333333 00000000 00000000";

  private static final List<String> SAMPLES =
      List.of(COMPOUND, REMB, FIR, PLI, NACK_WRAPPING, TWCC, TWCC_VECTOR, EXTENDED);

  private static RecordingVisitor walk(String hex, int expected) {
    MemorySegment segment = Packets.segment(hex);
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(expected, RtcpCompound.walk(segment, 0, (int) segment.byteSize(), visitor), hex);
    return visitor;
  }

  @Test
  void walksACompound() {
    assertEquals(
        List.of(
            "SR 11111111 e6b9c0de80000000 15f90 100 120000",
            "block 11111111 22222222 64 -1 65541 32 c0de8000 10000",
            "cname 11111111 bany",
            "bye 11111111"),
        walk(COMPOUND, 3).heard);
  }

  @Test
  void readsFeedback() {
    assertEquals(List.of("REMB 12345678 522022 23456789 2345678a 2345678b"), walk(REMB, 1).heard);
    assertEquals(List.of("FIR 12345678 23456789 13"), walk(FIR, 1).heard);
    assertEquals(List.of("PLI 12345678 23456789"), walk(PLI, 1).heard);
    assertEquals(
        List.of(0xffdc, 0xffec, 0xfffe, 0xffff, 0, 1, 3, 20, 100), walk(NACK_WRAPPING, 1).nacked);
  }

  @Test
  void readsTransportFeedback() {
    assertEquals(
        List.of(
            "TWCC fa17fa17 43032fa0", "begin 153 1 259653760000 23", "received 153 259653797000"),
        walk(TWCC, 1).heard);
    assertEquals(
        List.of(
            "TWCC fa17fa17 193dd8bb",
            "begin 372 6 292312704000 64",
            "received 372 292312764000",
            "received 373 292312752000",
            "missing 374 1",
            "missing 375 1",
            "missing 376 1",
            "missing 377 1"),
        walk(TWCC_VECTOR, 1).heard);
  }

  @Test
  void readsExtendedReports() {
    assertEquals(
        List.of(
            "time 11111111 e6b9c0de80000000",
            "echo 11111111 22222222 c0de8000 10000",
            "echo 11111111 33333333 0 0"),
        walk(EXTENDED, 1).heard);
    MemorySegment written = Packets.empty(RtcpWriter.REFERENCE_TIME_LENGTH);
    RtcpWriter.referenceTime(written, 0, 0x11111111, 0xe6b9c0de80000000L);
    assertEquals(
        -1, written.mismatch(Packets.segment("80cf0004 11111111 04000002 e6b9c0de 80000000")));
    written = Packets.empty(RtcpWriter.DELAY_SINCE_LENGTH);
    RtcpWriter.delaySinceReference(written, 0, 0x11111111, 0x22222222, 0xc0de8000, 0x10000);
    String echo = "80cf0005 11111111 05000003 22222222 c0de8000 00010000";
    assertEquals(-1, written.mismatch(Packets.segment(echo)));
    for (String bad :
        List.of(
            "80cf0000",
            "80cf0002 11111111 04000002",
            "80cf0003 11111111 04000001 00000000",
            "80cf0003 11111111 05000001 00000000",
            "80cf0002 11111111 63000001")) {
      walk(bad, RtcpCompound.BAD_BODY);
    }
  }

  @Test
  void skipsWhatItDoesNotKnow() {
    assertEquals(List.of(), walk("80cf0001 11111111", 1).heard);
    assertEquals(List.of(), walk("9fcd0002 11111111 22222222", 1).heard);
    assertEquals(List.of(), walk("8fce0003 11111111 22222222 41424344", 1).heard);
  }

  @Test
  void refusesWhatDoesNotAddUp() {
    for (String bad :
        List.of(
            "",
            "80c9",
            "40c90001 00000000",
            "80c90002 00000000",
            "a0c90001 00000009",
            "a0c90001 00000000",
            "a0c90000")) {
      walk(bad, RtcpCompound.BAD_FRAMING);
    }
    for (String bad :
        List.of(
            "80c90000",
            "81c90001 00000000",
            "80c80001 00000000",
            "82cb0001 00000000",
            "81ca0001 00000000",
            "81ca0002 00000000 01ff0000",
            "81cd0002 00000000 00000000",
            "84ce0003 00000000 00000000 00000000",
            "81ce0000",
            "8fce0000",
            "8fce0004 12345678 00000000 52454d42 0107fb93",
            // A chunk for 7 where 8 are promised, a reserved symbol, and a missing delta.
            "8fcd0005 00000000 00000000 00000008 00000000 c0000000",
            "8fcd0005 00000000 00000000 00000001 00000000 60010000",
            "8fcd0005 00000000 00000000 00000003 00000000 20030000")) {
      walk(bad, RtcpCompound.BAD_BODY);
    }
  }

  @Test
  void nothingIsHeardOfARefusedCompound() {
    assertEquals(List.of(), walk(PLI + "81c90001 00000000", RtcpCompound.BAD_BODY).heard);
  }

  @Test
  void hugeBitrateSaturates() {
    assertEquals(
        List.of("REMB 12345678 " + Long.MAX_VALUE),
        walk("8fce0004 12345678 00000000 52454d42 00ffffff", 1).heard);
  }

  @Test
  void aLongRunIsOneCall() {
    assertEquals(
        List.of("TWCC 0 0", "begin 65530 8000 -64000 1", "missing 65530 8000"),
        walk("8fcd0005 00000000 00000000 fffa1f40 ffffff01 1f400000", 1).heard);
  }

  @Test
  void writesReports() {
    MemorySegment dst = Packets.empty(80);
    int length =
        RtcpWriter.senderReport(dst, 0, 0x11111111, 0xe6b9c0de80000000L, 90_000, 100, 120_000);
    length =
        RtcpWriter.appendReportBlock(
            dst, 0, length, 0x22222222, 64, -1, 65_541, 32, 0xc0de8000, 0x10000);
    length += RtcpWriter.cname(dst, length, 0x11111111, "bany".getBytes(StandardCharsets.UTF_8));
    length += RtcpWriter.bye(dst, length, 0x11111111);
    assertEquals(COMPOUND.replace(" ", ""), Packets.hex(dst, 0, length));
  }

  @Test
  void writesReceiverReports() {
    MemorySegment dst = Packets.empty(8 + 31 * 24);
    int length = RtcpWriter.receiverReport(dst, 0, 5);
    for (int i = 0; i < RtcpWriter.MAX_REPORT_BLOCKS; i++) {
      length = RtcpWriter.appendReportBlock(dst, 0, length, i, 0, 1 << 30, i, i, i, i);
    }
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(1, RtcpCompound.walk(dst, 0, length, visitor));
    assertEquals(32, visitor.heard.size());
    assertEquals("block 5 1e 0 8388607 30 30 1e 1e", visitor.heard.get(31));
  }

  @Test
  void writesFeedback() {
    MemorySegment dst = Packets.empty(64);
    int length = RtcpWriter.pictureLoss(dst, 0, 0x12345678, 0x23456789);
    assertEquals(PLI.replace(" ", ""), Packets.hex(dst, 0, length));
    length = RtcpWriter.fullIntraRequest(dst, 0, 0x12345678, 0x23456789, 13);
    assertEquals(FIR.replace(" ", ""), Packets.hex(dst, 0, length));
    int[] ssrcs = {0x23456789, 0x2345678a, 0x2345678b};
    length = RtcpWriter.receiverEstimatedBitrate(dst, 0, 0x12345678, 522_022, ssrcs, 3);
    assertEquals(REMB.replace(" ", ""), Packets.hex(dst, 0, length));
    long[] lost = {0xffdc, 0xffec, 0xfffe, 0xffff, 0x10000, 0x10001, 0x10003, 0x10014, 0x10064};
    length = RtcpWriter.nack(dst, 0, 0x12345678, 0x23456789, lost, 0, lost.length);
    assertEquals(NACK_WRAPPING.replace(" ", ""), Packets.hex(dst, 0, length));
  }

  @Property
  void nackNamesWhatWasLost(
      @ForAll @Size(min = 1, max = 100) Set<@LongRange(min = 0, max = 70_000) Long> lost) {
    long[] sorted = new TreeSet<>(lost).stream().mapToLong(Long::longValue).toArray();
    // Indexes a whole turn apart have the same 16 bits.
    if (sorted[sorted.length - 1] - sorted[0] > 0xFFFF) {
      return;
    }
    MemorySegment dst = Packets.empty(RtcpWriter.nackMaxLength(sorted.length));
    int length = RtcpWriter.nack(dst, 0, 1, 2, sorted, 0, sorted.length);
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(1, RtcpCompound.walk(dst, 0, length, visitor));
    assertEquals(
        java.util.Arrays.stream(sorted).mapToObj(s -> (int) (s & 0xFFFF)).toList(), visitor.nacked);
  }

  @Property
  void anyCnameSurvives(@ForAll @StringLength(max = 60) String name) {
    byte[] bytes = name.replace('\0', '_').getBytes(StandardCharsets.UTF_8);
    MemorySegment dst = Packets.empty(RtcpWriter.cnameLength(bytes.length));
    int length = RtcpWriter.cname(dst, 0, 7, bytes);
    assertEquals(dst.byteSize(), length);
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(1, RtcpCompound.walk(dst, 0, length, visitor));
    assertEquals(List.of("cname 7 " + new String(bytes, StandardCharsets.UTF_8)), visitor.heard);
  }

  @Property
  void bitrateKeepsEighteenBits(@ForAll @LongRange(min = 0) long bitrate) {
    MemorySegment dst = Packets.empty(20);
    RtcpWriter.receiverEstimatedBitrate(dst, 0, 1, bitrate, new int[0], 0);
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(1, RtcpCompound.walk(dst, 0, 20, visitor));
    long read = Long.parseLong(visitor.heard.getFirst().split(" ")[2]);
    assertTrue(read <= bitrate && bitrate - read <= bitrate >> 17, () -> bitrate + " " + read);
  }

  @Property(tries = 3_000)
  void hostileBytesNeverReachOutside(
      @ForAll @IntRange(max = 6) int sample,
      @ForAll @IntRange(max = 110) int cut,
      @ForAll @Size(max = 8) List<@IntRange(max = 0xFFFF) Integer> edits) {
    byte[] bytes = Packets.mutate(Packets.bytes(SAMPLES.get(sample)), cut, edits);
    RecordingVisitor visitor = new RecordingVisitor();
    int count = RtcpCompound.walk(MemorySegment.ofArray(bytes), 0, bytes.length, visitor);
    assertTrue(count > 0 || visitor.heard.isEmpty());
  }
}
