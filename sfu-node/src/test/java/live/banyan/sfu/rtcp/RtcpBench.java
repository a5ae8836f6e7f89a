package live.banyan.sfu.rtcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What a viewer reports: a receiver report with one block, and which of {@value #PACKETS} packets
 * came, one in ten of them not: {@code bench parts Rtcp}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RtcpBench {
  private static final int PACKETS = 20;

  private final MemorySegment report = Arena.ofAuto().allocate(64, 64);
  private final MemorySegment feedback = Arena.ofAuto().allocate(256, 64);
  private final TransportFeedbackWriter writer = new TransportFeedbackWriter();
  private final Sum sum = new Sum();
  private final int reportLength;
  private final int feedbackLength;

  /** Reads all that it is told, so that nothing of the work is left out. */
  private static final class Sum implements RtcpVisitor, TransportFeedback.Visitor {
    private long value;

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
      value += source + fractionLost + highestSequence + jitter + lastSenderReport;
    }

    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      TransportFeedback.parse(segment, offset, length, this);
    }

    @Override
    public void received(int sequence, long arrivalUs) {
      value += sequence + arrivalUs;
    }

    @Override
    public void missing(int firstSequence, int count) {
      value -= count;
    }
  }

  public RtcpBench() {
    int length = RtcpWriter.receiverReport(report, 0, 1);
    reportLength = RtcpWriter.appendReportBlock(report, 0, length, 2, 25, 100, 70_000, 900, 7, 8);
    feedbackLength = write();
  }

  /** Validating and reading a receiver report. */
  @Benchmark
  public long receiverReport() {
    RtcpCompound.walk(report, 0, reportLength, sum);
    return sum.value;
  }

  /** Validating and reading transport-wide feedback. */
  @Benchmark
  public long transportFeedback() {
    RtcpCompound.walk(feedback, 0, feedbackLength, sum);
    return sum.value;
  }

  /** Writing the same. */
  @Benchmark
  public int writeFeedback() {
    return write();
  }

  private int write() {
    writer.begin(65_530, 1_000_000);
    for (int i = 0; i < PACKETS; i++) {
      if (i % 10 == 5) {
        writer.addMissing(1);
      } else {
        writer.addReceived(1_000_000 + i * 900L);
      }
    }
    return writer.write(feedback, 0, 1, 2, 3);
  }
}
