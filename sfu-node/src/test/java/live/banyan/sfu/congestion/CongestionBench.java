package live.banyan.sfu.congestion;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A twentieth of a second of {@value #VIEWERS} viewers of 2.5 Mbit/s in frames at 30 a second, of
 * each its packets and its feedback, decrypted: {@code bench parts Congestion}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CongestionBench {
  private static final int VIEWERS = 150;
  private static final int LENGTH = 1_200;
  private static final int PACKETS_A_FRAME = 9;
  private static final long FRAME_NS = 33_333_333;
  private static final long PACKET_NS = 30_000;
  private static final long PATH_NS = 10_000_000;

  private final CongestionControl[] viewers = new CongestionControl[VIEWERS];
  private final TwccArrivals receiver = new TwccArrivals();
  private final MemorySegment feedback = Arena.ofAuto().allocate(1_500, 64);
  private final Told told = new Told();
  private long nowNs = 1_000_000_000;
  private long nextFrameNs = nowNs;

  /** Hands feedback on, as a shard does. */
  private static final class Told implements RtcpVisitor {
    private CongestionControl viewer = new CongestionControl();
    private long nowNs;

    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      viewer.onFeedback(segment, offset, length, nowNs);
    }
  }

  public CongestionBench() {
    Arrays.setAll(viewers, i -> new CongestionControl());
  }

  /** All that is done for one feedback, and for the 13 packets that it speaks of. */
  @Benchmark
  @OperationsPerInvocation(VIEWERS)
  public long feedback() {
    long untilNs = nowNs + TwccArrivals.DEFAULT_INTERVAL_NS;
    while (nextFrameNs < untilNs) {
      sendFrame(nextFrameNs);
      nextFrameNs += FRAME_NS;
    }
    nowNs = untilNs;
    int length = receiver.writeFeedback(feedback, 0, (int) feedback.byteSize(), 1, 2, nowNs);
    if (length == 0) {
      throw new AssertionError("nothing to tell");
    }
    long sum = 0;
    told.nowNs = nowNs;
    for (CongestionControl viewer : viewers) {
      told.viewer = viewer;
      RtcpCompound.walk(feedback, 0, length, told);
      sum += viewer.estimateBps(nowNs);
    }
    return sum;
  }

  /** A frame leaves for each viewer, and all of it arrives. */
  private void sendFrame(long atNs) {
    int first = viewers[0].nextSequence();
    for (CongestionControl viewer : viewers) {
      for (int i = 0; i < PACKETS_A_FRAME; i++) {
        if (!viewer.admits(atNs)) {
          throw new AssertionError("held back");
        }
        viewer.sent(LENGTH, atNs);
      }
    }
    for (int i = 0; i < PACKETS_A_FRAME; i++) {
      receiver.record(first + i & 0xFFFF, atNs + PATH_NS + i * PACKET_NS);
    }
  }
}
