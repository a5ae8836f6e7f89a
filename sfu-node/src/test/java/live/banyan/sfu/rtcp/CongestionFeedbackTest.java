package live.banyan.sfu.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CongestionFeedbackTest {
  /** Two streams, the first of an odd count, and padding behind. */
  private static final String TWO_STREAMS =
      "8bcd000a"
          + "00000001"
          + "00007001fffe0003"
          + "8010"
          + "0000"
          + "9fff"
          + "0000"
          + "0000700200050004"
          + "0000"
          + "0000"
          + "8001"
          + "0000"
          + "00020000";

  private static List<String> read(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    List<String> heard = new ArrayList<>();
    int count =
        RtcpCompound.walk(
            MemorySegment.ofArray(bytes),
            0,
            bytes.length,
            new RtcpVisitor() {
              @Override
              public void congestionFeedback(
                  int sender, MemorySegment segment, long offset, int length) {
                heard.add("from " + sender);
                CongestionFeedback.parse(segment, offset, length, new Heard(heard));
              }
            });
    if (count < 0) {
      heard.add("refused " + count);
    }
    return heard;
  }

  private record Heard(List<String> heard) implements CongestionFeedback.Visitor {
    @Override
    public void begin(int timestamp) {
      heard.add("at " + timestamp);
    }

    @Override
    public void received(int ssrc, int sequence, int offset) {
      heard.add(ssrc - 0x7000 + "." + sequence + " " + offset);
    }

    @Override
    public void missing(int ssrc, int firstSequence, int count) {
      heard.add(ssrc - 0x7000 + "." + firstSequence + " missing " + count);
    }
  }

  @Test
  void readsStreamAfterStream() {
    assertEquals(
        List.of(
            "from 1",
            "at 131072",
            "1.65534 16",
            "1.65535 missing 1",
            "1.0 8191",
            "2.5 missing 2",
            "2.7 1",
            "2.8 missing 1"),
        read(TWO_STREAMS));
  }

  @Test
  void readsAReportOfNothing() {
    assertEquals(List.of("from 1", "at 5"), read("8bcd00020000000100000005"));
    assertEquals(
        List.of("from 1", "at 5"), read("8bcd0004" + "00000001" + "0000700100070000" + "00000005"));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource({
    "8bcd000100000001, without a timestamp",
    "8bcd00030000000100007001 00000005, half a block",
    "8bcd000400000001 0000700100070001 00000005, no room for the timestamp",
    "8bcd000500000001 000070010007ffff 80000000 00000005, more packets than there are",
    "8bcd000500000001 0000700100070003 80000000 00000005, one packet more than there is",
    "8bcd000600000001 0000700100070001 80000000 00000000 00000005, half a block behind"
  })
  void refusesWhatDoesNotAddUp(String hex, String why) {
    assertEquals(List.of("refused " + RtcpCompound.BAD_BODY), read(hex.replace(" ", "")), why);
  }
}
