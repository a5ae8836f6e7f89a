package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** An H.264 payload: single units, aggregates and fragments. */
public final class H264Fuzz {
  private static final int AT = FuzzInput.LEAD;

  private H264Fuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment payload = FuzzInput.packet(data);
    boolean key = H264Payload.isKeyframeStart(payload, AT, data.length);
    boolean start = H264Payload.startsFrame(payload, AT, data.length);
    assertTrue(start || !key, "a keyframe's first packet begins a picture");
    KeyframeDetector detector = new KeyframeDetector();
    assertEquals(key, detector.isKeyframeStart(Codec.H264, payload, AT, data.length));
    assertEquals(start, detector.startsFrame(Codec.H264, payload, AT, data.length));
    if (data.length > 0) {
      int importance = H264Payload.referenceIdc(payload, AT);
      assertTrue(importance >= 0 && importance <= 3);
    }
  }
}
