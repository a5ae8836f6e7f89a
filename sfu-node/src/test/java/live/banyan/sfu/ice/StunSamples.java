package live.banyan.sfu.ice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** The messages of RFC 5769 §2, which other implementations are tested with too. */
final class StunSamples {
  static final String PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
  static final String USERNAME = "evtj:h6vY";

  static final byte[] REQUEST =
      HexFormat.of()
          .parseHex(
              "000100582112a442b7e7a701bc34d686fa87dfae"
                  + "802200105354554e207465737420636c69656e74"
                  + "002400046e0001ff"
                  + "80290008932ff9b151263b36"
                  + "000600096576746a3a68367659202020"
                  + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                  + "80280004e57a3bcf");

  static final byte[] RESPONSE_V4 =
      HexFormat.of()
          .parseHex(
              "0101003c2112a442b7e7a701bc34d686fa87dfae"
                  + "8022000b7465737420766563746f7220"
                  + "002000080001a147e112a643"
                  + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                  + "80280004c07d4c96");

  static final byte[] RESPONSE_V6 =
      HexFormat.of()
          .parseHex(
              "010100482112a442b7e7a701bc34d686fa87dfae"
                  + "8022000b7465737420766563746f7220"
                  + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                  + "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
                  + "80280004c8fb0b4c");

  private StunSamples() {}

  static boolean parse(StunMessage message, byte[] bytes) {
    // One byte in front, so that offsets other than 0 are used.
    MemorySegment segment = Arena.ofAuto().allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 1, bytes.length);
    return message.parse(segment, 1, bytes.length);
  }

  static byte[] bytes(StunWriter writer) {
    MemorySegment segment = Arena.ofAuto().allocate(writer.length() + 1L);
    writer.copyTo(segment, 1);
    return segment.asSlice(1).toArray(ValueLayout.JAVA_BYTE);
  }
}
