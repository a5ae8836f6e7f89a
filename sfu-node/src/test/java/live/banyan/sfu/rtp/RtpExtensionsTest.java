package live.banyan.sfu.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RtpExtensionsTest {
  private final RtpHeaderWriter writer = new RtpHeaderWriter();

  @Test
  void findsElementsOfTheOneByteForm() {
    MemorySegment packet = Packets.segment(RtpHeaderTest.OPUS);
    assertEquals(0x35, ExtensionValues.audioLevel(packet, RtpExtensions.find(packet, 0, 1)));
  }

  @Test
  void readsEachElement() {
    MemorySegment packet =
        Packets.segment("90ef3b610f4d2e907c1d9a55 bede0003 10b5 22a1b2c3 310007 40 30 00");
    long level = RtpExtensions.find(packet, 0, 1);
    assertEquals(0x35, ExtensionValues.audioLevel(packet, level));
    assertTrue(ExtensionValues.voiceActivity(packet, level));
    assertEquals(3, RtpExtensions.length(RtpExtensions.find(packet, 0, 2)));
    long sequence = RtpExtensions.find(packet, 0, 3);
    assertEquals(7, ExtensionValues.transportSequence(packet, sequence));
    long mid = RtpExtensions.find(packet, 0, 4);
    assertTrue(ExtensionValues.matches(packet, mid, "0".getBytes(StandardCharsets.US_ASCII)));
    assertFalse(ExtensionValues.matches(packet, mid, "01".getBytes(StandardCharsets.US_ASCII)));
    assertEquals(RtpExtensions.NONE, RtpExtensions.find(packet, 0, 5));
    assertEquals(RtpExtensions.NONE, RtpExtensions.find(packet, 0, 0));
  }

  @Test
  void stopsWhereTheRfcSaysStop() {
    // Id 15 ends processing: what follows does not exist (RFC 8285 §4.2).
    MemorySegment reserved = Packets.segment("906000010000000200000003 bede0001 f0aa10bb");
    assertEquals(RtpExtensions.NONE, RtpExtensions.find(reserved, 0, 1));
    MemorySegment zeroWithLength = Packets.segment("906000010000000200000003 bede0001 03aa10bb");
    assertEquals(RtpExtensions.NONE, RtpExtensions.find(zeroWithLength, 0, 1));
    MemorySegment beyondEnd =
        Packets.segment("906000010000000200000003 bede0001 1faabbcc 00000000");
    assertEquals(RtpExtensions.NONE, RtpExtensions.find(beyondEnd, 0, 1));
  }

  @Test
  void readsTheTwoByteForm() {
    MemorySegment packet =
        Packets.segment("906000010000000200000003 10050003 0000 0100 ff 03 aabbcc 07 01 42 00");
    assertEquals(0, RtpExtensions.length(RtpExtensions.find(packet, 0, 1)));
    assertEquals(3, RtpExtensions.length(RtpExtensions.find(packet, 0, 255)));
    assertEquals(
        0x42,
        packet.get(
            java.lang.foreign.ValueLayout.JAVA_BYTE,
            RtpExtensions.offset(RtpExtensions.find(packet, 0, 7))));
  }

  @Test
  void writesTheSmallFormWherePossible() {
    MemorySegment dst = Packets.empty(24);
    int length =
        writer
            .begin(true, 111, 5, 6, 7)
            .add(3, 0x1234, 2)
            .add(0, 99, 1)
            .add(14, 0x55, 1)
            .write(dst, 0);
    assertEquals("90ef00050000000600000007bede0002311234e0550000", Packets.hex(dst, 0, 23));
    assertEquals(24, length);
  }

  @Test
  void aHeaderWithoutElementsHasNoExtension() {
    MemorySegment dst = Packets.empty(12);
    assertEquals(12, writer.begin(false, 96, 1, 2, 3).add(0, 1, 1).write(dst, 0));
    assertFalse(RtpHeader.hasExtension(dst, 0));
  }

  @Test
  void moreElementsThanFitIsABug() {
    writer.begin(false, 96, 1, 2, 3);
    for (int i = 1; i <= RtpHeaderWriter.MAX_ELEMENTS; i++) {
      writer.add(i, 1, 1);
    }
    assertThrows(IllegalStateException.class, () -> writer.add(17, 1, 1));
  }

  @Property
  void whatIsWrittenIsFound(
      @ForAll @Size(max = 16)
          Map<@IntRange(min = 1, max = 255) Integer, @Size(max = 40) byte[]> elements) {
    roundTrip(elements);
  }

  @Property
  void whatIsWrittenInTheOneByteFormIsFound(
      @ForAll @Size(max = 14)
          Map<@IntRange(min = 1, max = 14) Integer, @Size(min = 1, max = 16) byte[]> elements) {
    MemorySegment packet = roundTrip(elements);
    if (!elements.isEmpty()) {
      assertEquals("bede", Packets.hex(packet, 12, 2));
    }
  }

  private MemorySegment roundTrip(Map<Integer, byte[]> generated) {
    Map<Integer, byte[]> elements = new LinkedHashMap<>(generated);
    writer.begin(true, 96, 0xFFFF, -1, -2);
    elements.forEach((id, data) -> writer.add(id, MemorySegment.ofArray(data), 0, data.length));
    MemorySegment dst = Packets.empty(writer.length());
    int length = writer.write(dst, 0);
    assertEquals(dst.byteSize(), length);
    assertEquals(length, RtpHeader.check(dst, 0, length));
    elements.forEach(
        (id, data) -> {
          long element = RtpExtensions.find(dst, 0, id);
          assertArrayEquals(
              data,
              Packets.slice(dst, RtpExtensions.offset(element), RtpExtensions.length(element)));
        });
    return dst;
  }

  @Test
  void restoresTheOriginalOfARetransmission() {
    String rtx = "91e1 0009 0000abcd 00000022 000000cc bede0001 10b50000 1234 cafebabe";
    MemorySegment packet = Packets.segment(rtx);
    int headerLength = RtpHeader.check(packet, 0, (int) packet.byteSize());
    assertEquals(0x1234, Rtx.originalSequence(packet, headerLength, 6));
    assertEquals(-1, Rtx.originalSequence(packet, headerLength, 1));
    Rtx.restore(packet, 0, headerLength, 96, 0x11);
    assertEquals(
        "91e012340000abcd00000011000000ccbede000110b50000cafebabe",
        Packets.hex(packet, 2, (int) packet.byteSize() - 2));
  }

  @Test
  void captureTimeSurvives() {
    long ntp = NtpTime.ofEpochNs(1_790_000_000_123_456_789L);
    MemorySegment dst = Packets.empty(28);
    assertEquals(28, writer.begin(false, 96, 1, 2, 3).add(1, ntp, 8).write(dst, 0));
    long element = RtpExtensions.find(dst, 0, 1);
    assertEquals(ntp, ExtensionValues.absCaptureTime(dst, element));
    assertEquals(0, ExtensionValues.absCaptureClockOffset(dst, element));
    assertEquals(0, ExtensionValues.absCaptureTime(dst, RtpExtensions.NONE));
    assertEquals(1_790_000_000_123_456_789L, NtpTime.toEpochNs(ntp));
  }

  @Test
  void listOfKindsHasDistinctUris() {
    List<String> uris =
        java.util.Arrays.stream(ExtensionKind.values()).map(ExtensionKind::uri).toList();
    assertEquals(uris.size(), uris.stream().distinct().count());
  }
}
