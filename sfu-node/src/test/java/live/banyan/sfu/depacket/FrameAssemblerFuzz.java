package live.banyan.sfu.depacket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.codec.Codec;

/** Packets of one stream in any order, with any payload: the assembler and all joiners. */
public final class FrameAssemblerFuzz {
  private static final int CAPACITY = 32;
  private static final long PATIENCE_NS = 20_000_000;
  private static final int PACKETS_MAX = 400;

  private FrameAssemblerFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    Codec[] codecs = Codec.values();
    Codec codec = codecs[input.u8() % codecs.length];
    Frames frames = new Frames();
    FrameAssembler assembler = new FrameAssembler(codec, CAPACITY, PATIENCE_NS, frames);
    long index = 1_000;
    int timestamp = 0;
    long nowNs = 1;
    int packets = 0;
    while (!input.isEmpty() && packets++ < PACKETS_MAX) {
      int step = input.u8();
      index += (byte) input.u8();
      if ((step & 1) != 0) {
        index += (long) input.u8() << (step >> 2 & 31);
      }
      index = Math.max(0, index);
      timestamp += (step & 2) != 0 ? 3_000 : 0;
      nowNs += (step >> 4 & 3) * 7_000_000L;
      byte[] payload = input.bytes(input.u8());
      frames.bytesIn += payload.length;
      MemorySegment segment = FuzzInput.packet(payload);
      assembler.packet(
          index, timestamp, (step & 0x80) != 0, segment, FuzzInput.LEAD, payload.length, nowNs);
      assembler.poll(nowNs);
    }
    assembler.flush(nowNs);
    assertTrue(frames.count == assembler.frames());
    assertTrue(frames.count <= packets, "a frame has a packet at least");
  }

  private static final class Frames implements FrameSink {
    long bytesIn;
    long bytesOut;
    long count;
    private long last = -1;

    @Override
    public void frame(Frame frame) {
      assertTrue(frame.firstIndex() > last, "frames come in order, each once");
      assertTrue(frame.complete() || !frame.decodable());
      last = frame.firstIndex();
      count++;
      bytesOut += frame.data().length;
      // Start codes and sizes are put in: 4 bytes for a unit, which has a byte at least in 3; and
      // AV1's delimiter.
      assertTrue(bytesOut <= 6 * bytesIn + 2 * count, "frames are made of what came");
    }
  }
}
