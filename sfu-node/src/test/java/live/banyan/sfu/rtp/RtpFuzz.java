package live.banyan.sfu.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** One RTP packet: header, extensions and what repeats it. */
public final class RtpFuzz {
  private static final int AT = FuzzInput.LEAD;

  private RtpFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment packet = FuzzInput.packet(data);
    RtpHeader.isRtcp(packet, AT, data.length);
    int clear = RtpHeader.checkHeader(packet, AT, data.length);
    int header = RtpHeader.check(packet, AT, data.length);
    if (clear < 0) {
      assertEquals(clear, header);
      return;
    }
    assertTrue(clear >= RtpHeader.FIXED_LENGTH && clear <= data.length);
    extensions(packet, clear);
    if (header < 0) {
      assertEquals(RtpHeader.BAD_PADDING, header);
      return;
    }
    assertEquals(clear, header);
    assertEquals(header, RtpHeader.headerLength(packet, AT));
    int payload = RtpHeader.payloadLength(packet, AT, data.length, header);
    assertTrue(payload >= 0);
    assertEquals(data.length, header + payload + RtpHeader.paddingLength(packet, AT, data.length));
    if (Rtx.originalSequence(packet, AT + header, payload) >= 0) {
      repeat(data, header, payload);
    }
  }

  /** Each element lies inside of the header, and survives being written again. */
  private static void extensions(MemorySegment packet, int header) {
    RtpHeaderWriter writer = new RtpHeaderWriter().begin(true, 96, 7, 8, 9);
    int written = 0;
    for (int id = 0; id <= 255; id++) {
      long element = RtpExtensions.find(packet, AT, id);
      if (element == RtpExtensions.NONE) {
        continue;
      }
      long offset = RtpExtensions.offset(element);
      int length = RtpExtensions.length(element);
      assertTrue(offset >= AT + RtpHeader.FIXED_LENGTH + 4 && offset + length <= AT + header);
      ExtensionValues.absCaptureTime(packet, element);
      ExtensionValues.absCaptureClockOffset(packet, element);
      assertTrue(ExtensionValues.transportSequence(packet, element) <= 0xffff);
      assertTrue(ExtensionValues.audioLevel(packet, element) <= 127);
      ExtensionValues.voiceActivity(packet, element);
      if (written < RtpHeaderWriter.MAX_ELEMENTS) {
        writer.add(id, packet, offset, length);
        written++;
      }
    }
    byte[] again = new byte[writer.length()];
    MemorySegment copy = MemorySegment.ofArray(again);
    assertEquals(again.length, writer.write(copy, 0));
    assertEquals(again.length, RtpHeader.check(copy, 0, again.length));
    for (int id = 1; written > 0 && id <= 255; id++) {
      long before = RtpExtensions.find(packet, AT, id);
      if (before != RtpExtensions.NONE) {
        long after = RtpExtensions.find(copy, 0, id);
        assertTrue(after != RtpExtensions.NONE);
        assertEquals(-1, slice(packet, before).mismatch(slice(copy, after)));
        written--;
      }
    }
  }

  private static MemorySegment slice(MemorySegment packet, long element) {
    return packet.asSlice(RtpExtensions.offset(element), RtpExtensions.length(element));
  }

  private static void repeat(byte[] data, int header, int payload) {
    MemorySegment packet = FuzzInput.packet(data);
    int original = Rtx.originalSequence(packet, AT + header, payload);
    Rtx.restore(packet, AT, header, 101, 0x1234);
    long at = AT + Rtx.OSN_LENGTH;
    int length = data.length - Rtx.OSN_LENGTH;
    assertEquals(header, RtpHeader.check(packet, at, length));
    assertEquals(original, RtpHeader.sequence(packet, at));
    assertEquals(101, RtpHeader.payloadType(packet, at));
    assertEquals(0x1234, RtpHeader.ssrc(packet, at));
    assertEquals(payload - Rtx.OSN_LENGTH, RtpHeader.payloadLength(packet, at, length, header));
  }
}
