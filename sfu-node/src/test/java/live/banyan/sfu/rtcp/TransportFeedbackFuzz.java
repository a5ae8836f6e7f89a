package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.fuzz.FuzzInput;

/** Transport-wide feedback without its two SSRCs, and what our writer makes of what it told. */
public final class TransportFeedbackFuzz {
  private TransportFeedbackFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Told told = new Told();
    MemorySegment segment = FuzzInput.packet(data);
    if (!TransportFeedback.parse(segment, FuzzInput.LEAD, data.length, told)) {
      assertEquals(0, told.calls);
      return;
    }
    assertEquals(told.expected, told.statuses);
    // A chunk of two bytes tells of 14 packets one by one at most, or of received ones that have
    // a byte each.
    assertTrue(told.calls <= 1 + 8 * data.length, "work is bounded by length");
    if (told.statuses <= TransportFeedbackWriter.MAX_STATUSES && !told.received.isEmpty()) {
      rewrite(told);
    }
  }

  private static void rewrite(Told told) {
    TransportFeedbackWriter writer = new TransportFeedbackWriter();
    writer.begin(told.base, told.received.getFirst().arrivalUs);
    int next = told.base;
    for (Received packet : told.received) {
      assertTrue(writer.addMissing((packet.sequence - next) & 0xffff));
      if (!writer.addReceived(packet.arrivalUs)) {
        return; // further apart than one feedback can say when it counts from another time
      }
      next = packet.sequence + 1;
    }
    int rest = told.statuses - writer.count();
    assertTrue(writer.addMissing(rest));
    MemorySegment out = MemorySegment.ofArray(new byte[writer.maxLength()]);
    int length = writer.write(out, 0, 1, 2, 3);
    Told again = new Told();
    assertEquals(
        1,
        RtcpCompound.walk(
            out,
            0,
            length,
            new RtcpVisitor() {
              @Override
              public void transportFeedback(
                  int sender, int media, MemorySegment segment, long offset, int fciLength) {
                assertTrue(TransportFeedback.parse(segment, offset, fciLength, again));
              }
            }));
    assertEquals(told.base, again.base);
    assertEquals(told.statuses, again.statuses);
    assertEquals(wrapped(told.received), wrapped(again.received));
  }

  /** The reference time has 24 bits: what counts back from the lowest comes out at the highest. */
  private static List<Received> wrapped(List<Received> packets) {
    long period = TransportFeedback.REFERENCE_UNIT_US << 24;
    return packets.stream()
        .map(p -> new Received(p.sequence, Math.floorMod(p.arrivalUs, period)))
        .toList();
  }

  private record Received(int sequence, long arrivalUs) {}

  private static final class Told implements TransportFeedback.Visitor {
    final List<Received> received = new ArrayList<>();
    int base;
    int expected;
    int statuses;
    int calls;

    private void status(int sequence, int count) {
      assertEquals(base + statuses & 0xffff, sequence);
      statuses += count;
      calls++;
    }

    @Override
    public void begin(int baseSequence, int statusCount, long referenceTimeUs, int count) {
      base = baseSequence;
      expected = statusCount;
      calls++;
    }

    @Override
    public void received(int sequence, long arrivalUs) {
      status(sequence, 1);
      received.add(new Received(sequence, arrivalUs));
    }

    @Override
    public void missing(int firstSequence, int count) {
      assertTrue(count > 0);
      status(firstSequence, count);
    }
  }
}
