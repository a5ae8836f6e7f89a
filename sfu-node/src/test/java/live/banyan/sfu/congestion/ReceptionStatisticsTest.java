package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceptionStatisticsTest {
  private static final long MS = 1_000_000;

  private final ReceptionStatistics statistics = new ReceptionStatistics(90_000);
  private final List<long[]> blocks = new ArrayList<>();

  private long[] report(long nowNs) {
    MemorySegment dst = Packets.empty(32);
    int length = RtcpWriter.receiverReport(dst, 0, 1);
    length = statistics.appendReportBlock(dst, 0, length, 9, nowNs);
    assertEquals(32, length);
    RtcpVisitor visitor =
        new RtcpVisitor() {
          @Override
          public void reportBlock(
              int reporter,
              int source,
              int fractionLost,
              int cumulativeLost,
              long highestSequence,
              long jitter,
              int lastSenderReport,
              int delaySinceLast) {
            blocks.add(
                new long[] {
                  fractionLost,
                  cumulativeLost,
                  highestSequence,
                  jitter,
                  lastSenderReport,
                  delaySinceLast
                });
          }
        };
    assertEquals(1, RtcpCompound.walk(dst, 0, length, visitor));
    return blocks.getLast();
  }

  @Test
  void countsLossPerIntervalAndInAll() {
    for (int i = 0; i < 100; i++) {
      if (i % 4 != 1) {
        statistics.received(65_500 + i, i * 3_000, i * 33 * MS);
      }
    }
    long[] first = report(3_300 * MS);
    assertEquals(64, first[0]);
    assertEquals(25, first[1]);
    assertEquals(65_599, first[2]);
    for (int i = 100; i < 150; i++) {
      statistics.received(65_500 + i, i * 3_000, i * 33 * MS);
    }
    long[] second = report(5_000 * MS);
    assertEquals(0, second[0]);
    assertEquals(25, second[1]);
    assertEquals(0, report(5_001 * MS)[0]);
  }

  @Test
  void repetitionsMakeLossNegativeNotWrong() {
    statistics.received(7, 0, 0);
    statistics.received(7, 0, MS);
    assertEquals(-1, report(2 * MS)[1]);
    assertEquals(0, statistics.fractionLost());
  }

  @Test
  void steadyArrivalHasNoJitter() {
    for (int i = 0; i < 500; i++) {
      statistics.received(i, i * 900, i * 10 * MS);
    }
    assertEquals(0, statistics.jitter());
  }

  @Test
  void jitterConvergesToTheMeanDeviation() {
    // Every other frame 4 ms late: consecutive transits differ by 360 units.
    for (int i = 0; i < 500; i++) {
      long nowNs = i * 10 * MS + (i % 2) * 4 * MS;
      // The timestamp changes its sign on the way.
      int timestamp = Integer.MAX_VALUE - 200 * 900 + i * 900;
      statistics.received(i, timestamp, nowNs);
    }
    assertEquals(360, statistics.jitter(), 8);
    assertEquals(4 * MS, statistics.jitterNs(), MS / 10.0);
  }

  @Test
  void packetsOfOneFrameCountEach() {
    // 3 ms apart, every other frame 4 ms late: changes of 270, 90, 270 and 630 units.
    for (int i = 0; i < 2_000; i++) {
      long nowNs = i * 10L * MS + (i % 2) * 4 * MS;
      statistics.received(2L * i, i * 900, nowNs);
      statistics.received(2L * i + 1, i * 900, nowNs + 3 * MS);
    }
    assertEquals(315, statistics.jitter(), 25);
  }

  @Test
  void silencesOfASpeakerAreNoJitter() {
    ReceptionStatistics sound = new ReceptionStatistics(48_000);
    long nowNs = 0;
    for (int i = 0; i < 400; i++) {
      nowNs += (i % 40 < 30 ? 20 : 400) * MS;
      sound.received(i, (int) (nowNs / MS * 48), nowNs);
    }
    assertEquals(0, sound.jitter());
  }

  /** RFC 3550 §6.4.1 as it stands there: J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void jitterIsTheFormulasInTheOrderOfArrival(long seed) {
    Random random = new Random(seed);
    int count = 3_000;
    long[] atNs = new long[count];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      atNs[i] = i * 7 * MS + random.nextLong(30 * MS);
      order.add(i);
    }
    order.sort(Comparator.comparingLong(i -> atNs[i]));
    double jitter = 0;
    for (int n = 0; n < count; n++) {
      int i = order.get(n);
      int timestamp = -900_000 + i / 3 * 1_890;
      statistics.received(65_000 + i, timestamp, atNs[i]);
      if (n > 0) {
        int before = order.get(n - 1);
        double d = (atNs[i] - atNs[before]) * 90e3 / 1e9 - (i / 3 - before / 3) * 1_890.0;
        jitter += (Math.abs(d) - jitter) / 16;
      }
    }
    assertTrue(jitter > 500, "jitter " + jitter);
    assertEquals(jitter, statistics.jitter(), 3, "seed " + seed);
  }

  @Test
  void aNewClockIsNoJitter() {
    statistics.received(0, 0, 0);
    statistics.received(1, 1_000_000_000, 10 * MS);
    statistics.received(2, 1_000_000_900, 20 * MS);
    assertEquals(0, statistics.jitter());
  }

  @Test
  void echoesTheSenderReport() {
    statistics.received(0, 0, 0);
    assertEquals(0, report(MS)[4]);
    long ntp = NtpTime.ofEpochNs(1_790_000_000_500_000_000L);
    statistics.senderReport(ntp, 10 * MS);
    long[] block = report(510 * MS);
    assertEquals(NtpTime.compact(ntp), (int) block[4]);
    assertEquals(32_768, block[5]);
  }
}
