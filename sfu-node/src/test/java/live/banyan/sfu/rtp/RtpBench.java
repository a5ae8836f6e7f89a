package live.banyan.sfu.rtp;

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
 * A packet of 1,200 bytes with four header extensions, as Chromium sends it: {@code bench parts
 * Rtp}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RtpBench {
  private static final int LENGTH = 1_200;
  private static final int LAST_ID = 9;

  private final MemorySegment packet = Arena.ofAuto().allocate(LENGTH, 64);
  private final RtpHeaderWriter writer = new RtpHeaderWriter();
  private int sequence;

  public RtpBench() {
    writeHeader();
  }

  /** Validating, and reading what finds the packet's track. */
  @Benchmark
  public int header() {
    int headerLength = RtpHeader.check(packet, 0, LENGTH);
    return headerLength
        + RtpHeader.payloadLength(packet, 0, LENGTH, headerLength)
        + RtpHeader.ssrc(packet, 0)
        + RtpHeader.sequence(packet, 0)
        + RtpHeader.timestamp(packet, 0)
        + RtpHeader.payloadType(packet, 0);
  }

  /** Finding the last of the extensions. */
  @Benchmark
  public long extension() {
    return RtpExtensions.find(packet, 0, LAST_ID);
  }

  /** Writing a header with its extensions. */
  @Benchmark
  public int write() {
    return writeHeader();
  }

  private int writeHeader() {
    return writer
        .begin(true, 96, sequence++ & 0xFFFF, sequence * 3_000, 0xCAFE)
        .add(1, 0x0123_4567_89AB_CDEFL, 8)
        .add(3, sequence & 0xFFFF, 2)
        .add(4, 0x30, 1)
        .add(LAST_ID, 0xC0_0001, 3)
        .write(packet, 0);
  }
}
