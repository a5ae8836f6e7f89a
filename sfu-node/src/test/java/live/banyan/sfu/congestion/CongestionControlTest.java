package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CongestionControlTest {
  private static final long MS = 1_000_000L;
  private static final int HEADER = 12;

  private final CongestionControl control = new CongestionControl(3_000_000);
  private final TwccArrivals receiver = new TwccArrivals();
  private final MemorySegment memory = MemorySegment.ofArray(new byte[1_200]);
  private long nowNs = 1_000 * MS;
  private long freeNs;

  /** Sends one packet through a link of a capacity. */
  private void send(long capacityBps) {
    int sequence = control.nextSequence();
    control.sent(1_200, nowNs);
    freeNs = Math.max(freeNs, nowNs) + 1_200 * 8_000_000_000L / capacityBps;
    receiver.record(sequence, freeNs + 5 * MS);
  }

  private void report() {
    int length = receiver.writeFeedback(memory, 0, 1_200, 1, 2, nowNs);
    if (length > 0) {
      control.onFeedback(memory, HEADER, length - HEADER, nowNs);
    }
  }

  private void run(int ms, long rateBps, long capacityBps) {
    double owed = 0;
    for (int i = 0; i < ms; i++) {
      owed += rateBps / 8_000.0 / 1_200;
      for (; owed >= 1; owed--) {
        send(capacityBps);
      }
      nowNs += MS;
      if (i % 50 == 49) {
        report();
      }
    }
  }

  @Test
  void holdsNothingBackBeforeAQueueIsSeen() {
    assertTrue(control.admits(nowNs));
    run(5_000, 2_000_000, 100_000_000);
    for (int i = 0; i < 30; i++) {
      assertTrue(control.admits(nowNs), "a keyframe's packet " + i);
      send(100_000_000);
    }
    assertEquals(0, control.held());
  }

  @Test
  void holdsBackOnceAQueueIsSeenButNeverForGood() {
    run(5_000, 2_000_000, 100_000_000);
    run(1_000, 2_000_000, 500_000);
    assertTrue(control.estimateBps(nowNs) < 600_000, "estimate " + control.estimateBps(nowNs));
    int admitted = 0;
    while (admitted < 200 && control.admits(nowNs)) {
      control.sent(1_200, nowNs);
      admitted++;
    }
    assertTrue(admitted < 20, admitted + " packets at once");
    assertTrue(control.held() > 0);
    // Feedback stops: better to send blindly than to be silent for ever.
    nowNs += 1_100 * MS;
    assertTrue(control.admits(nowNs));
  }

  @Test
  void aReceiverThatPausesIsNotTakenForANarrowLine() {
    long lowest = Long.MAX_VALUE;
    int held = 0;
    Random random = new Random(5);
    long resumeNs = 0;
    for (int frame = 0; frame < 30 * 60; frame++) {
      // About twice a second the receiver's machine does something else for 40 to 160 ms.
      if (random.nextInt(15) == 0) {
        resumeNs = nowNs + (40 + random.nextInt(120)) * MS;
      }
      for (int packet = 0; packet < 9; packet++) {
        held += control.admits(nowNs) ? 0 : 1;
        int sequence = control.nextSequence();
        control.sent(1_200, nowNs);
        receiver.record(sequence, Math.max(nowNs + 2 * MS, resumeNs));
      }
      nowNs += 33 * MS;
      if (nowNs > resumeNs) {
        report();
      }
      lowest = frame > 60 ? Math.min(lowest, control.estimateBps(nowNs)) : lowest;
    }
    assertTrue(lowest > 1_500_000, "down to " + lowest);
    assertTrue(held < 30 * 60 * 9 / 50, "held back " + held + " of 16,200");
  }

  @Test
  void theReceiversOwnEstimateIsACapThatExpires() {
    control.onReceiverEstimate(400_000, nowNs);
    assertEquals(400_000, control.estimateBps(nowNs + MS));
    assertEquals(3_000_000, control.estimateBps(nowNs + 6_000 * MS));
    control.onReceiverEstimate(0, nowNs);
    assertEquals(BandwidthEstimator.MIN_BPS, control.estimateBps(nowNs));
  }

  @Test
  void probesOnlyWhileMoreIsWantedAndBelievesThem() {
    control.want(1_000_000);
    run(2_000, 1_000_000, 100_000_000);
    assertFalse(control.probeDue(nowNs));
    long before = control.estimateBps(nowNs);
    control.want(20_000_000);
    assertTrue(control.probeDue(nowNs));
    int packets = control.beginProbe(nowNs);
    assertTrue(packets >= Prober.PACKETS_MIN && packets <= Prober.PACKETS_MAX, "" + packets);
    for (int i = 0; i < packets; i++) {
      send(100_000_000);
    }
    control.endProbe();
    run(200, 1_000_000, 100_000_000);
    assertTrue(control.estimateBps(nowNs) > before * 3 / 2, "" + control.estimateBps(nowNs));
    assertFalse(control.probeDue(nowNs), "not at once again");
    assertEquals(1, control.probes());
  }

  @Test
  void hostileFeedbackChangesNothingThatIsNotItsSendersOwn() {
    Random random = new Random(9);
    byte[] bytes = new byte[200];
    run(500, 1_000_000, 100_000_000);
    for (int i = 0; i < 50_000; i++) {
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        bytes[2] = 0; // a count that the chunks may cover
        bytes[3] = (byte) (1 + i % 100);
      }
      control.onFeedback(MemorySegment.ofArray(bytes), 0, random.nextInt(200), nowNs);
      nowNs += MS / 10;
      long estimate = control.estimateBps(nowNs);
      assertTrue(
          estimate >= BandwidthEstimator.MIN_BPS && estimate <= BandwidthEstimator.MAX_BPS,
          "step " + i + ": " + estimate);
    }
    assertFalse(control.estimator().rateBps() > 10_000_000, "believed " + control.estimator());
  }

  @Test
  void allocatesNothing() {
    control.want(20_000_000);
    run(20_000, 8_000_000, 10_000_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    run(10_000, 8_000_000, 10_000_000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 2_000, allocated + " bytes for 8,000 packets");
  }
}
