package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;

/**
 * A camera with three VP8 encodings of 150, 500 and 1,800 kbit/s. Each packet tells in its body
 * which part of which frame of which encoding it is.
 */
final class Simulcaster implements RtcpVisitor {
  static final int[] KBPS = {150, 500, 1_800};
  static final int FIRST_SSRC = 0x300;
  private static final int PACKET_MAX = 1_100;
  private static final long FRAME_NS = 33_333_333L;

  /** From frame to frame, which come with the first millisecond that is due: 34 ms. */
  private static final int TICKS = 3_060;

  private final int[] frames = new int[KBPS.length];
  private final int[] sequences = {65_500, 300, 7_000};
  private final boolean[] keyframeDue = {true, true, true};
  private final Map<Long, byte[]> sent = new HashMap<>();
  private final List<byte[]> repeats = new ArrayList<>();
  private long nextFrameNs;
  private int needed = 0b111;
  int keyframes;

  /** Packets sent, by encoding. */
  final int[] packets = new int[KBPS.length];

  /** Rests the encodings that are not needed, and begins again with a keyframe, as browsers do. */
  void need(int layers) {
    for (int layer = 0; layer < KBPS.length; layer++) {
      keyframeDue[layer] |= (layers & ~needed & 1 << layer) != 0;
    }
    needed = layers;
  }

  /** The packets that are due. */
  List<byte[]> tick(long nowNs) {
    List<byte[]> due = new ArrayList<>(repeats);
    repeats.clear();
    if (nowNs >= nextFrameNs) {
      nextFrameNs = nowNs + FRAME_NS;
      for (int layer = 0; layer < KBPS.length; layer++) {
        if ((needed >> layer & 1) != 0) {
          frame(layer, due);
        } else {
          frames[layer]++;
        }
      }
    }
    return due;
  }

  private void frame(int layer, List<byte[]> due) {
    boolean key = keyframeDue[layer];
    keyframeDue[layer] = false;
    keyframes += key ? 1 : 0;
    int frame = frames[layer]++;
    int bytes = KBPS[layer] * 1_000 / 8 / 30 * (key ? 4 : 1);
    int count = (bytes + PACKET_MAX - 1) / PACKET_MAX;
    for (int part = 0; part < count; part++) {
      byte[] payload =
          RtpPackets.vp8(
              part == 0,
              key,
              frame & 0x7FFF,
              frame & 0xFF,
              bytes / count,
              body(layer, frame, part, count));
      int sequence = sequences[layer]++ & 0xFFFF;
      byte[] packet =
          RtpPackets.packet(
              FIRST_SSRC + layer,
              96,
              sequence,
              layer * 7_777 + frame * TICKS,
              part == count - 1,
              Map.of(),
              payload);
      sent.put((long) layer << 16 | sequence, packet);
      due.add(packet);
      packets[layer]++;
    }
  }

  private static int body(int layer, int frame, int part, int count) {
    return layer << 28 | frame << 12 | part << 6 | count;
  }

  void receive(byte[] rtcp) {
    RtcpCompound.walk(MemorySegment.ofArray(rtcp), 0, rtcp.length, this);
  }

  @Override
  public void pictureLoss(int sender, int media) {
    keyframeDue[media - FIRST_SSRC] = true;
  }

  @Override
  public void nack(int sender, int media, int sequence) {
    byte[] packet = sent.get((long) (media - FIRST_SSRC) << 16 | sequence);
    if (packet != null) {
      repeats.add(packet);
    }
  }
}
