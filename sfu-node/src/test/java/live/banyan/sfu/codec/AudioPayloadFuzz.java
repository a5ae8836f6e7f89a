package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** One payload read as Opus and as redundant audio. */
public final class AudioPayloadFuzz {
  private static final int AT = FuzzInput.LEAD;

  private AudioPayloadFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment payload = FuzzInput.packet(data);
    int samples = OpusPayload.samples(payload, AT, data.length);
    assertTrue(samples == OpusPayload.MALFORMED || samples >= 120 && samples <= 5_760);
    if (data.length > 0) {
      OpusPayload.stereo(payload, AT);
    }
    Blocks blocks = new Blocks();
    int count = RedPayload.walk(payload, AT, data.length, blocks);
    int primary = RedPayload.primaryOffset(payload, AT, data.length);
    if (count == RedPayload.MALFORMED) {
      assertEquals(RedPayload.MALFORMED, primary);
      assertEquals(0, blocks.count);
      return;
    }
    assertEquals(count, blocks.count);
    assertTrue(count <= RedPayload.MAX_BLOCKS + 1);
    assertEquals(AT + data.length, blocks.end, "the blocks are all that is behind the headers");
    assertEquals(AT + primary, blocks.lastOffset);
    assertEquals(0, blocks.lastTimestampOffset);
  }

  /** Blocks follow each other without gap. */
  private static final class Blocks implements RedPayload.Visitor {
    int count;
    long end = -1;
    long lastOffset;
    int lastTimestampOffset;

    @Override
    public void block(int payloadType, int timestampOffset, long offset, int length) {
      assertTrue(payloadType >= 0 && payloadType <= 127);
      assertTrue(timestampOffset >= 0 && timestampOffset < 1 << 14);
      assertTrue(length >= 0 && offset >= AT);
      assertTrue(end < 0 || end == offset);
      end = offset + length;
      lastOffset = offset;
      lastTimestampOffset = timestampOffset;
      count++;
    }
  }
}
