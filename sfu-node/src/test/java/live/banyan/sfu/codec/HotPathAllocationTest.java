package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import live.banyan.sfu.congestion.ReceptionStatistics;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.Packets;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.RtpHeaderWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What runs per packet allocates nothing once it is compiled. */
class HotPathAllocationTest {
  private static final int ROUNDS = 20_000;

  static Stream<Arguments> paths() {
    MemorySegment packet =
        Packets.segment(
            "90e03b610f4d2e907c1d9a55 bede0003 10b5 22a1b2c3 310007 40 30 00 90e08001006b10aa");
    MemorySegment scratch = Packets.empty(1_500);
    RtpHeaderWriter writer = new RtpHeaderWriter();
    KeyframeDetector detector = new KeyframeDetector();
    TwccArrivals arrivals = new TwccArrivals();
    ReceptionStatistics statistics = new ReceptionStatistics(90_000);
    RtcpVisitor visitor = new RtcpVisitor() {};
    MemorySegment compound =
        Packets.segment("81cd0003 00000001 00000002 ffdc8001 81ce0002 00000001 00000002");
    return Stream.of(
        path(
            "read a header and its extensions",
            i ->
                RtpHeader.check(packet, 0, (int) packet.byteSize())
                    + RtpExtensions.length(RtpExtensions.find(packet, 0, 4))),
        path(
            "write a header with extensions",
            i ->
                writer
                    .begin(true, 96, (int) i, (int) i, 7)
                    .add(3, i, 2)
                    .add(1, packet, 17, 1)
                    .write(scratch, 0)),
        path(
            "look for keyframes",
            i -> {
              boolean any = false;
              any |= detector.isKeyframeStart(Codec.VP8, packet, 28, 8);
              any |= detector.isKeyframeStart(Codec.VP9, packet, 28, 8);
              any |= detector.isKeyframeStart(Codec.H264, packet, 28, 8);
              any |= detector.startsFrame(Codec.AV1, packet, 28, 8);
              return any ? 1 : 0;
            }),
        path(
            "note arrivals and report them",
            i -> {
              arrivals.record((int) i & 0xFFFF, i * 100_000);
              statistics.received(i, (int) i * 3_000, i * 100_000);
              return i % 50 == 0
                  ? arrivals.writeFeedback(scratch, 0, 1_200, 1, 2, i * 100_000)
                  : RtcpWriter.pictureLoss(scratch, 0, 1, 2);
            }),
        path("walk RTCP", i -> RtcpCompound.walk(compound, 0, 28, visitor)));
  }

  private static Arguments path(String name, LongUnaryOperator path) {
    return Arguments.of(name, path);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  void allocatesNothing(String name, LongUnaryOperator path) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    long next = 0;
    long least = Long.MAX_VALUE;
    // The least of several rounds: until the code is compiled, segments are allocated.
    for (int round = 0; round < 30 && least > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        sum += path.applyAsLong(next++);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(sum != 0, "it did something");
    assertEquals(0, least, 1_000, () -> "bytes in " + ROUNDS + " rounds of: " + name);
  }
}
