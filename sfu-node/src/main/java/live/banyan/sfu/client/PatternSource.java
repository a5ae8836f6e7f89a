package live.banyan.sfu.client;

import live.banyan.sfu.codec.Codec;

/**
 * Load for benchmarks: VP8 frames in bursts at a steady rate, split into datagrams of one size,
 * with descriptors and keyframes as a depacketiser expects them and nothing in them to see.
 */
public final class PatternSource implements MediaSource {
  /**
   * Header with mid, transport sequence and capture time (32), and a GCM tag (16): what stands
   * around the payload in a datagram.
   */
  private static final int AROUND_PAYLOAD = 48;

  private static final int DESCRIPTOR_BYTES = 4;
  private static final int FRAME_HEADER_BYTES = 10;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long STALL_NS = 500_000_000L;

  private final double packetsPerFrame;
  private final int datagramBytes;
  private final int framesPerSecond;
  private final int framesPerKeyframe;
  private long startNs;
  private long frame;
  private double credit;
  private boolean keyframeWanted;

  /**
   * @param bitrateBps of UDP payload
   * @param datagramBytes UDP payload of each packet, 200 to 1,300
   * @param framesPerSecond bursts a second
   * @param keyframeSeconds between keyframes nobody asked for; keyframes are as large as others
   */
  public PatternSource(
      long bitrateBps, int datagramBytes, int framesPerSecond, int keyframeSeconds) {
    if (bitrateBps < 1
        || datagramBytes < 200
        || datagramBytes > 1_300
        || framesPerSecond < 1
        || keyframeSeconds < 1) {
      throw new IllegalArgumentException("a pattern of impossible size");
    }
    this.datagramBytes = datagramBytes;
    this.framesPerSecond = framesPerSecond;
    this.framesPerKeyframe = framesPerSecond * keyframeSeconds;
    this.packetsPerFrame = bitrateBps / 8.0 / datagramBytes / framesPerSecond;
  }

  /** 2.5 Mbit/s, 1,200-byte datagrams, 30 frames a second, a keyframe every 2 s. */
  public static PatternSource standard() {
    return new PatternSource(2_500_000, 1_200, 30, 2);
  }

  @Override
  public Codec videoCodec() {
    return Codec.VP8;
  }

  @Override
  public boolean hasAudio() {
    return false;
  }

  @Override
  public int payloadBytesMax() {
    return datagramBytes - AROUND_PAYLOAD;
  }

  @Override
  public int packetsPerSecondMax() {
    return (int) Math.ceil(Math.max(1, packetsPerFrame)) * framesPerSecond;
  }

  @Override
  public boolean captureTimeOnAll() {
    return true;
  }

  @Override
  public void start(long nowNs) {
    startNs = nowNs;
  }

  @Override
  public void poll(long nowNs, Output output) {
    long late = nowNs - nextDeadlineNs();
    if (late > STALL_NS) {
      startNs += late;
    }
    while (nowNs - nextDeadlineNs() >= 0) {
      credit += packetsPerFrame;
      int packets = Math.max(1, (int) credit);
      credit -= packets;
      boolean keyframe = keyframeWanted || frame % framesPerKeyframe == 0;
      keyframeWanted = false;
      output.video(vp8(packets, keyframe), mediaTimeNs());
      frame++;
    }
  }

  private byte[] vp8(int packets, boolean keyframe) {
    byte[] data = new byte[packets * (payloadBytesMax() - DESCRIPTOR_BYTES)];
    // RFC 6386 §9.1: frame tag (inverse key flag, show_frame, size of the first partition).
    int firstPartition = Math.min(data.length - FRAME_HEADER_BYTES, (1 << 19) - 1);
    int tag = (keyframe ? 0 : 1) | 1 << 4 | firstPartition << 5;
    data[0] = (byte) tag;
    data[1] = (byte) (tag >> 8);
    data[2] = (byte) (tag >> 16);
    if (keyframe) {
      data[3] = (byte) 0x9d;
      data[4] = 0x01;
      data[5] = 0x2a;
      data[6] = (byte) 640;
      data[7] = 640 >> 8;
      data[8] = (byte) 360;
      data[9] = 360 >> 8;
    }
    return data;
  }

  private long mediaTimeNs() {
    return frame * NANOS_PER_SECOND / framesPerSecond;
  }

  @Override
  public long nextDeadlineNs() {
    return startNs + mediaTimeNs();
  }

  @Override
  public void requestKeyframe() {
    keyframeWanted = true;
  }
}
