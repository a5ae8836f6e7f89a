package live.banyan.sfu.client;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.KeyframeDetector;
import live.banyan.sfu.depacket.IvfReader;
import live.banyan.sfu.depacket.Packetizer;

/** The frames of an IVF file in memory. */
final class VideoClip {
  /** A clip is held in memory as a whole. */
  private static final long BYTES_MAX = 1L << 30;

  private static final long DEFAULT_FRAME_NS = 33_333_333L;

  private final Codec codec;
  private final List<byte[]> frames = new ArrayList<>();
  private final List<Boolean> keyframes = new ArrayList<>();
  private final List<Long> timesNs = new ArrayList<>();

  private VideoClip(Codec codec) {
    this.codec = codec;
  }

  /**
   * Reads a clip.
   *
   * @throws IOException with a sentence for the user where this cannot be played
   */
  static VideoClip read(byte[] file) throws IOException {
    if (file.length > BYTES_MAX) {
      throw new IOException("the clip is larger than 1 GB");
    }
    IvfReader reader;
    try {
      reader = new IvfReader(MemorySegment.ofArray(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    Codec codec = reader.codec();
    if (codec == null || codec.audio()) {
      throw new IOException(
          "the clip's codec " + reader.code() + " is none of VP8, VP9, H264 and AV1");
    }
    VideoClip clip = new VideoClip(codec);
    Packetizer packetizer = Packetizer.of(codec, Packetizer.DEFAULT_MAX_PAYLOAD);
    while (reader.next()) {
      clip.add(reader.frame(), reader.frameTimeNs(), packetizer);
    }
    if (clip.frames.isEmpty() || !clip.keyframes.getFirst()) {
      throw new IOException("the clip does not begin with a keyframe");
    }
    return clip;
  }

  private void add(byte[] frame, long timeNs, Packetizer packetizer) {
    KeyframeDetector detector = new KeyframeDetector();
    boolean[] keyframe = new boolean[1];
    int packets =
        packetizer.packetize(
            frame,
            (payload, length, marker) ->
                keyframe[0] |= detector.isKeyframeStart(codec, payload, 0, length));
    if (packets > 0) {
      frames.add(frame);
      keyframes.add(keyframe[0]);
      timesNs.add(timeNs);
    }
  }

  Codec codec() {
    return codec;
  }

  int size() {
    return frames.size();
  }

  byte[] frame(int i) {
    return frames.get(i);
  }

  boolean isKeyframe(int i) {
    return keyframes.get(i);
  }

  /** How long frame {@code i} is shown; the last one as long as the average. */
  long durationNs(int i) {
    long duration;
    if (i + 1 < size()) {
      duration = timesNs.get(i + 1) - timesNs.get(i);
    } else {
      duration = size() < 2 ? 0 : (timesNs.getLast() - timesNs.getFirst()) / (size() - 1);
    }
    return duration <= 0 ? DEFAULT_FRAME_NS : duration;
  }
}
