package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** An AV1 payload's aggregation header, and the numbers behind it. */
public final class Av1Fuzz {
  private static final int AT = FuzzInput.LEAD;

  private Av1Fuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment payload = FuzzInput.packet(data);
    boolean key = Av1Payload.isKeyframeStart(payload, AT, data.length);
    boolean start = Av1Payload.startsFrame(payload, AT, data.length);
    assertTrue(start || !key, "a keyframe's first packet begins a frame");
    KeyframeDetector detector = new KeyframeDetector();
    assertEquals(key, detector.isKeyframeStart(Codec.AV1, payload, AT, data.length));
    assertEquals(start, detector.startsFrame(Codec.AV1, payload, AT, data.length));
    for (int i = 0; i <= data.length; i++) {
      long number = Av1Payload.leb128(payload, AT + i, AT + data.length);
      if (number != Av1Payload.MALFORMED) {
        int length = Av1Payload.leb128Length(number);
        assertTrue(length >= 1 && length <= 4 && i + length <= data.length);
        int value = Av1Payload.leb128Value(number);
        assertTrue(value >= 0 && value < 1 << 28);
      }
    }
  }
}
