package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class StreamFeedbackTest {
  private static final int VIDEO = 0x7001;
  private static final int RTX = 0x7002;
  private static final int BODY = 8;

  private final SentPackets sent = new SentPackets();
  private final BandwidthEstimator estimator = new BandwidthEstimator(sent, 3_000_000);
  private final StreamFeedback feedback = new StreamFeedback(sent, estimator);
  private final byte[] memory = new byte[4_000];
  private final MemorySegment segment = MemorySegment.ofArray(memory);
  private final StreamReporter receiver = new StreamReporter(0);

  private void send(int ssrc, int sequence, long nowUs) {
    feedback.sent(ssrc, sequence);
    sent.add(1_000, 0, nowUs);
  }

  private boolean report(StreamReporter from, long nowUs) {
    int length = from.write(segment, 0, nowUs * 1_000);
    return feedback.onFeedback(segment, BODY, length - BODY, nowUs);
  }

  @Test
  void countsEachPacketOnceThoughReportsOverlap() {
    StreamReporter repeating = new StreamReporter(10);
    for (int i = 0; i < 20; i++) {
      send(VIDEO, i, 1_000 * i);
      repeating.record(VIDEO, i, 1_000_000L * (i + 10));
    }
    assertTrue(report(repeating, 40_000));
    assertEquals(0, sent.inFlightBytes());
    assertTrue(report(repeating, 90_000));
    assertEquals(0, sent.inFlightBytes());
    assertEquals(0, feedback.unknown());
    assertEquals(0, estimator.lossFraction());
  }

  @Test
  void goesOnAcrossTheWrapOfAStreamsNumbers() {
    for (int i = 0; i < 100; i++) {
      send(VIDEO, 65_500 + i & 0xFFFF, 1_000 * i);
      receiver.record(VIDEO, 65_500 + i & 0xFFFF, 1_000_000L * (i + 10));
    }
    assertTrue(report(receiver, 120_000));
    assertEquals(0, sent.inFlightBytes());
    assertEquals(0, feedback.unknown());
  }

  @Test
  void countsGapsAsLossUntilTheyAreFilled() {
    for (int i = 0; i < 200; i++) {
      send(VIDEO, i, 5_000 * i);
      if (i % 10 != 3) {
        receiver.record(VIDEO, i, 5_000_000L * i + 10_000_000);
      }
      if (i % 20 == 19) {
        assertTrue(report(receiver, 5_000 * i + 20_000));
      }
    }
    assertEquals(0.1, estimator.lossFraction(), 0.03);
    assertEquals(0, sent.inFlightBytes());
    long index = sent.indexOf(193);
    assertTrue(sent.isMissing(index));
    ByteBuffer late = ByteBuffer.wrap(memory);
    late.clear().putInt(VIDEO).putShort((short) 193).putShort((short) 1);
    late.putShort((short) 0x8000).putShort((short) 0).putInt(65_536 * 2);
    assertTrue(feedback.onFeedback(segment, 0, late.position(), 1_100_000));
    assertFalse(sent.isMissing(index));
  }

  @Test
  void joinsStreamsInTheOrderInWhichTheyLeft() {
    long slow = 0;
    for (int i = 0; i < 300; i++) {
      // Sound between pictures: only together they show the queue that builds up.
      send(i % 2 == 0 ? VIDEO : RTX, i / 2, 4_000 * i);
      slow = Math.max(slow, 4_000L * i) + 8_000;
      receiver.record(i % 2 == 0 ? VIDEO : RTX, i / 2, slow * 1_000);
      if (receiver.isDue(slow * 1_000)) {
        assertTrue(report(receiver, slow + 5_000));
      }
    }
    // 1,000 bytes in 8 ms
    assertTrue(estimator.rateBps() < 1_200_000, "estimate " + estimator.rateBps());
    assertTrue(estimator.rateBps() > 600_000, "estimate " + estimator.rateBps());
  }

  @Test
  void outlivesTheWrapOfTheReceiversClock() {
    long turnUs = 65_536_000_000L;
    long startUs = turnUs - 3_000_000;
    for (int i = 0; i < 300; i++) {
      long atUs = startUs + 20_000L * i;
      send(VIDEO, i, atUs);
      receiver.record(VIDEO, i, (atUs + 10_000) * 1_000);
      if (receiver.isDue((atUs + 10_000) * 1_000)) {
        assertTrue(report(receiver, atUs + 15_000));
      }
    }
    assertTrue(estimator.queueDelayUs() < 3_000, "queue " + estimator.queueDelayUs());
    assertTrue(estimator.rateBps() >= 3_000_000, "estimate " + estimator.rateBps());
  }

  @Test
  void ignoresWhatNeverLeft() {
    send(VIDEO, 7, 0);
    ByteBuffer lies = ByteBuffer.wrap(memory);
    lies.putInt(VIDEO).putShort((short) 0).putShort((short) 1_000);
    for (int i = 0; i < 1_000; i++) {
      lies.putShort((short) (i % 2 == 0 ? 0x8000 : 0));
    }
    lies.putInt(0x99).putShort((short) 7).putShort((short) 1);
    lies.putShort((short) 0x8000).putShort((short) 0).putInt(65_536);
    assertTrue(feedback.onFeedback(segment, 0, lies.position(), 1_000));
    assertEquals(1_000, feedback.unknown());
    assertTrue(sent.isMissing(sent.indexOf(0)));
    assertEquals(3_000_000, estimator.rateBps());
  }

  @Test
  void takesAPacketWithoutATimeForArrived() {
    send(VIDEO, 7, 0);
    ByteBuffer report = ByteBuffer.wrap(memory);
    report.putInt(VIDEO).putShort((short) 7).putShort((short) 1);
    report.putShort((short) 0x9FFF).putShort((short) 0).putInt(65_536);
    assertTrue(feedback.onFeedback(segment, 0, report.position(), 1_000));
    assertEquals(0, sent.inFlightBytes());
    assertEquals(1_000, estimator.feedbackUs());
  }

  @Test
  void refusesHalfAReport() {
    send(VIDEO, 7, 0);
    receiver.record(VIDEO, 7, 10_000_000);
    int length = receiver.write(segment, 0, 20_000_000) - BODY;
    for (int shorter = 0; shorter < length; shorter++) {
      boolean empty = shorter == 4;
      assertEquals(empty, feedback.onFeedback(segment, BODY, shorter, 30_000), "length " + shorter);
    }
    assertEquals(1_000, sent.inFlightBytes());
    assertTrue(feedback.onFeedback(segment, BODY, length, 30_000));
    assertEquals(0, sent.inFlightBytes());
  }

  @Test
  void countsNoMoreStreamsThanItMayAndAllocatesNothingThen() {
    for (int ssrc = 0; ssrc < SentStreams.STREAMS_MAX; ssrc++) {
      send(ssrc, 1, 0);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      send(1_000 + i, i, i);
      send(i % SentStreams.STREAMS_MAX, i, i);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 50_000, "allocated " + allocated);
  }
}
