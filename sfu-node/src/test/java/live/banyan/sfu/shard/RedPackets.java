package live.banyan.sfu.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Opus frames, and redundant audio (RFC 2198 §3) byte by byte, independent of the product's. */
final class RedPackets {
  /** One block: how much older than the packet it is, and its data. */
  record Block(int payloadType, int timestampOffset, byte[] data) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Block b
          && b.payloadType == payloadType
          && b.timestampOffset == timestampOffset
          && Arrays.equals(b.data, data);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(data);
    }
  }

  private RedPackets() {}

  /** Frame {@code number} of a sound, always the same bytes. */
  static byte[] frame(int number, int length) {
    byte[] frame = new byte[length];
    new Random(number).nextBytes(frame);
    frame[0] = 0x78;
    return frame;
  }

  /** Blocks oldest first, the last being the newest frame. */
  static byte[] write(List<Block> blocks) {
    ByteBuffer out = ByteBuffer.allocate(4_000);
    for (Block block : blocks.subList(0, blocks.size() - 1)) {
      out.put((byte) (0x80 | block.payloadType));
      int fields = block.timestampOffset << 10 | block.data.length;
      out.put((byte) (fields >> 16)).putShort((short) fields);
    }
    out.put((byte) blocks.getLast().payloadType);
    blocks.forEach(block -> out.put(block.data));
    return Arrays.copyOf(out.array(), out.position());
  }

  static List<Block> read(byte[] packet) {
    ByteBuffer in = ByteBuffer.wrap(packet).position(RtpPackets.headerLength(packet));
    List<int[]> headers = new ArrayList<>();
    int first = in.get() & 0xFF;
    while ((first & 0x80) != 0) {
      int fields = (in.get() & 0xFF) << 16 | in.getShort() & 0xFFFF;
      headers.add(new int[] {first & 0x7F, fields >> 10, fields & 0x3FF});
      first = in.get() & 0xFF;
    }
    List<Block> blocks = new ArrayList<>();
    for (int[] header : headers) {
      byte[] data = new byte[header[2]];
      in.get(data);
      blocks.add(new Block(header[0], header[1], data));
    }
    byte[] newest = new byte[in.remaining()];
    in.get(newest);
    blocks.add(new Block(first, 0, newest));
    return blocks;
  }
}
