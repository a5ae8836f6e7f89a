package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TransportFeedbackTest {
  private final TransportFeedbackWriter writer = new TransportFeedbackWriter();

  private static List<String> read(MemorySegment packet, int length) {
    RecordingVisitor visitor = new RecordingVisitor();
    assertEquals(1, RtcpCompound.walk(packet, 0, length, visitor));
    return visitor.heard;
  }

  @Test
  void writesTheSmallestFeedback() {
    MemorySegment dst = Packets.empty(24);
    writer.begin(153, 259_653_797_000L);
    assertTrue(writer.addReceived(259_653_797_000L));
    int length = writer.write(dst, 0, 0xfa17fa17, 0x43032fa0, 23);
    assertEquals("afcd0005fa17fa1743032fa0009900013de8021720019401", Packets.hex(dst, 0, length));
  }

  @Test
  void longRunsTakeOneChunk() {
    MemorySegment dst = Packets.empty(64);
    writer.begin(10, 0);
    writer.addReceived(0);
    writer.addMissing(1_000);
    writer.addReceived(1_000);
    // Small, 13 missing; run of 987 missing; small.
    int length = writer.write(dst, 0, 1, 2, 0);
    assertEquals(28, length);
    assertEquals("a000" + "03db" + "2001", Packets.hex(dst, 20, 6));
  }

  @Test
  void refusesWhatDoesNotFit() {
    writer.begin(10, 0);
    assertTrue(writer.addReceived(0));
    assertFalse(writer.addReceived(9_000_000));
    assertFalse(writer.addMissing(TransportFeedbackWriter.MAX_STATUSES));
    assertEquals(1, writer.count());
    assertTrue(writer.addMissing(TransportFeedbackWriter.MAX_STATUSES - 1));
    assertFalse(writer.addReceived(0));
  }

  /** Against a count by symbols, as the draft tells it. */
  @Property(tries = 5_000)
  void whatIsWellFormedIsSoBySymbols(
      @ForAll @IntRange(max = 40) int count,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 0xFFFF) Integer> chunks,
      @ForAll @IntRange(max = 60) int deltaBytes) {
    int length = 8 + 2 * chunks.size() + deltaBytes;
    MemorySegment packet = Packets.empty(length);
    NetworkOrder.put16(packet, 2, count);
    for (int i = 0; i < chunks.size(); i++) {
      NetworkOrder.put16(packet, 8 + 2L * i, chunks.get(i));
    }
    boolean wellFormed = bySymbols(count, chunks, deltaBytes);
    assertEquals(wellFormed, TransportFeedback.isWellFormed(packet, 0, length));
    TransportFeedback.Visitor visitor =
        new TransportFeedback.Visitor() {
          int told;

          @Override
          public void received(int sequence, long arrivalUs) {
            assertTrue(++told <= count);
          }

          @Override
          public void missing(int firstSequence, int missing) {
            told += missing;
            assertTrue(told <= count);
          }
        };
    assertEquals(wellFormed, TransportFeedback.parse(packet, 0, length, visitor));
  }

  /** Chunks beyond the count are where deltas lie: none may be missing, more may be there. */
  private static boolean bySymbols(int count, List<Integer> words, int deltaBytes) {
    int left = count;
    int needed = 0;
    int used = 0;
    while (left > 0) {
      if (used == words.size()) {
        // Deltas are zeros here, as chunks an endless run of nothing.
        return false;
      }
      int chunk = words.get(used++);
      boolean run = chunk < 0x8000;
      boolean wide = (chunk & 0x4000) != 0;
      int covers = run ? chunk & 0x1FFF : wide ? 7 : 14;
      if (covers == 0) {
        return false;
      }
      for (int i = 0; i < covers && left > 0; i++, left--) {
        int symbol = run ? chunk >> 13 : wide ? chunk >> 12 - 2 * i & 3 : chunk >> 13 - i & 1;
        if (symbol == 3) {
          return false;
        }
        needed += symbol;
      }
    }
    return used > 0 && needed <= deltaBytes + 2 * (words.size() - used);
  }

  @Property(tries = 2_000)
  void whatIsWrittenIsRead(
      @ForAll @IntRange(max = 0xFFFF) int base,
      @ForAll @LongRange(min = -400_000_000_000L, max = 400_000_000_000L) long startUs,
      @ForAll @Size(min = 1, max = 300) List<@IntRange(min = -80, max = 400) Integer> steps) {
    // Negative steps below -40 are losses; the others are deltas of 250 us, or of 20 ms for some.
    writer.begin(base, startUs);
    long ticks = Math.floorDiv(startUs, 64_000L) * 256;
    List<String> expected = new ArrayList<>();
    int sequence = base;
    for (int step : steps) {
      if (step < -40) {
        assertTrue(writer.addMissing(1));
        expected.add("missing " + sequence);
      } else {
        ticks += step > 380 ? step * 80L : step;
        assertTrue(writer.addReceived(ticks * 250));
        expected.add("received " + sequence + " " + ticks * 250);
      }
      sequence = sequence + 1 & 0xFFFF;
    }
    MemorySegment dst = Packets.empty(writer.maxLength());
    int length = writer.write(dst, 0, 1, 2, 255);
    assertEquals(0, length % 4);

    List<String> heard = read(dst, length);
    assertEquals("TWCC 1 2", heard.getFirst());
    assertEquals(
        "begin %d %d %d 255"
            .formatted(base, steps.size(), Math.floorDiv(startUs, 64_000L) * 64_000),
        heard.get(1));
    assertEquals(expected, unrolled(heard.subList(2, heard.size())));
  }

  private static List<String> unrolled(List<String> heard) {
    List<String> lines = new ArrayList<>();
    for (String line : heard) {
      String[] words = line.split(" ");
      if (words[0].equals("received")) {
        lines.add(line);
      } else {
        for (int i = 0; i < Integer.parseInt(words[2]); i++) {
          lines.add("missing " + (Integer.parseInt(words[1]) + i & 0xFFFF));
        }
      }
    }
    return lines;
  }
}
