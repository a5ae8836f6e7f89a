package live.banyan.sfu.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RtpHeaderTest {
  /**
   * Opus with the elements that Chromium sends: X, M, audio level (id 1), abs-send-time (2), TWCC
   * (3), mid (4).
   */
  static final String OPUS =
      "90ef 3b61 0f4d2e90 7c1d9a55 bede 0003 10b5 22 a1b2c3 31 0007 40 30 00 78 0b e4 c1";

  /** Two CSRCs, padding of 3, no extension. */
  static final String PADDED = "a260 0001 00000002 00000003 0000000a 0000000b aabb 000003";

  @Test
  void readsWhatChromiumSends() {
    MemorySegment packet = Packets.segment(OPUS);
    int length = (int) packet.byteSize();
    assertEquals(28, RtpHeader.check(packet, 0, length));
    assertEquals(28, RtpHeader.headerLength(packet, 0));
    assertTrue(RtpHeader.marker(packet, 0));
    assertEquals(111, RtpHeader.payloadType(packet, 0));
    assertEquals(0x3b61, RtpHeader.sequence(packet, 0));
    assertEquals(0x0f4d2e90, RtpHeader.timestamp(packet, 0));
    assertEquals(0x7c1d9a55, RtpHeader.ssrc(packet, 0));
    assertEquals(4, RtpHeader.payloadLength(packet, 0, length, 28));
    assertFalse(RtpHeader.isRtcp(packet, 0, length));
  }

  @Test
  void countsContributorsAndPadding() {
    MemorySegment packet = Packets.segment(PADDED);
    int length = (int) packet.byteSize();
    assertEquals(20, RtpHeader.check(packet, 0, length));
    assertEquals(2, RtpHeader.csrcCount(packet, 0));
    assertEquals(3, RtpHeader.paddingLength(packet, 0, length));
    assertEquals(2, RtpHeader.payloadLength(packet, 0, length, 20));
  }

  @Test
  void refusesWithAReason() {
    assertEquals(RtpHeader.TOO_SHORT, check("80600001000000020000"));
    assertEquals(RtpHeader.BAD_VERSION, check("406000010000000200000003"));
    assertEquals(RtpHeader.BAD_HEADER, check("816000010000000200000003"));
    assertEquals(RtpHeader.BAD_HEADER, check("906000010000000200000003 bede"));
    assertEquals(RtpHeader.BAD_HEADER, check("906000010000000200000003 bede0002 00000000"));
    assertEquals(RtpHeader.BAD_PADDING, check("a06000010000000200000003"));
    assertEquals(RtpHeader.BAD_PADDING, check("a06000010000000200000003 00"));
    assertEquals(RtpHeader.BAD_PADDING, check("a06000010000000200000003 0003"));
    assertEquals(12, check("a06000010000000200000003 0002"));
  }

  private static int check(String hex) {
    MemorySegment packet = Packets.segment(hex);
    return RtpHeader.check(packet, 0, (int) packet.byteSize());
  }

  @Test
  void tellsRtcpFromRtp() {
    assertTrue(RtpHeader.isRtcp(Packets.segment("80c8"), 0, 2));
    assertTrue(RtpHeader.isRtcp(Packets.segment("81ce"), 0, 2));
    assertFalse(RtpHeader.isRtcp(Packets.segment("80e0"), 0, 2));
    assertFalse(RtpHeader.isRtcp(Packets.segment("80"), 0, 1));
  }

  @Property
  void padsToAnyLength(@ForAll @IntRange(min = 0, max = 255) int padding) {
    MemorySegment packet = Packets.empty(20 + padding);
    RtpHeader.write(packet, 0, false, 96, 1, 2, 3);
    int length = RtpHeader.pad(packet, 0, 20, padding);
    assertEquals(20 + padding, length);
    assertEquals(12, RtpHeader.check(packet, 0, length));
    assertEquals(8, RtpHeader.payloadLength(packet, 0, length, 12));
  }

  @Property(tries = 2_000)
  void hostileBytesNeverReachOutside(
      @ForAll boolean opus,
      @ForAll @IntRange(max = 60) int cut,
      @ForAll @Size(max = 6) List<@IntRange(max = 0xFFFF) Integer> edits) {
    byte[] bytes = Packets.mutate(Packets.bytes(opus ? OPUS : PADDED), cut, edits);
    MemorySegment packet = MemorySegment.ofArray(bytes);
    int headerLength = RtpHeader.check(packet, 0, bytes.length);
    if (headerLength < 0) {
      return;
    }
    assertTrue(RtpHeader.payloadLength(packet, 0, bytes.length, headerLength) >= 0);
    for (int id = 0; id <= 255; id++) {
      long element = RtpExtensions.find(packet, 0, id);
      if (element != RtpExtensions.NONE) {
        long end = RtpExtensions.offset(element) + RtpExtensions.length(element);
        assertTrue(end <= headerLength, "an element ends inside the header");
        ExtensionValues.absCaptureTime(packet, element);
        ExtensionValues.absCaptureClockOffset(packet, element);
        ExtensionValues.transportSequence(packet, element);
        ExtensionValues.audioLevel(packet, element);
      }
    }
  }
}
