package live.banyan.sfu.rtp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import live.banyan.fuzz.FuzzInput;

/** The header of a flexfec-03 repair packet. */
public final class FlexfecHeaderFuzz {
  private FlexfecHeaderFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FlexfecHeader header = new FlexfecHeader();
    if (header.read(FuzzInput.packet(data), FuzzInput.LEAD, data.length)) {
      int length = header.length();
      assertTrue(length == 20 || length == 24 || length == 32);
      assertTrue(length <= data.length);
      assertTrue(header.base() >= 0 && header.base() <= 0xffff);
      assertTrue(header.high() >>> FlexfecHeader.MASK_BITS - 64 == 0, "the mask has 109 bits");
    }
  }
}
