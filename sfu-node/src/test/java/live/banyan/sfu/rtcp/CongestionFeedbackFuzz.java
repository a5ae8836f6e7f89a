package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/**
 * Feedback by stream without its sender: what it tells is no more than its length allows, and a
 * refused one tells nothing.
 */
public final class CongestionFeedbackFuzz {
  private CongestionFeedbackFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Told told = new Told();
    MemorySegment segment = FuzzInput.packet(data);
    boolean parsed = CongestionFeedback.parse(segment, FuzzInput.LEAD, data.length, told);
    assertEquals(parsed, told.begun);
    assertTrue(parsed || told.calls == 0);
    // Two bytes tell of one packet.
    assertTrue(told.packets <= data.length / 2, "work is bounded by length");
  }

  private static final class Told implements CongestionFeedback.Visitor {
    boolean begun;
    int calls;
    int packets;

    private void packets(int sequence, int count) {
      assertTrue(begun && sequence >= 0 && sequence <= 0xFFFF);
      packets += count;
      calls++;
    }

    @Override
    public void begin(int timestamp) {
      assertEquals(0, calls);
      begun = true;
    }

    @Override
    public void received(int of, int sequence, int offset) {
      assertTrue(offset >= 0 && offset <= 0x1FFF);
      packets(sequence, 1);
    }

    @Override
    public void missing(int of, int firstSequence, int count) {
      assertTrue(count > 0 && count <= 0xFFFF);
      packets(firstSequence, count);
    }
  }
}
