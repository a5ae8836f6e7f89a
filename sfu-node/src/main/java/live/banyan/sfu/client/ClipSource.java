package live.banyan.sfu.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.depacket.Packetizer;
import org.jspecify.annotations.Nullable;

/**
 * A clip in a loop, in real time. Asked for a keyframe it jumps ahead to the clip's next one, so
 * that a viewer waits for a frame and not for the rest of the group of pictures.
 */
public final class ClipSource implements MediaSource {
  private static final String BUNDLED_VIDEO = "/clip/clip.ivf";
  private static final String BUNDLED_AUDIO = "/clip/clip.ogg";

  /** A stall longer than this is skipped, not caught up with in a burst. */
  private static final long STALL_NS = 500_000_000L;

  private final VideoClip video;
  private final @Nullable AudioClip audio;
  private int videoAt;
  private int audioAt;
  private long videoTimeNs;
  private long audioTimeNs;
  private long startNs;
  private boolean keyframeWanted;

  private ClipSource(VideoClip video, @Nullable AudioClip audio) {
    this.video = video;
    this.audio = audio;
  }

  /** The clip that comes with the program: moving picture, frame number, tone. */
  public static ClipSource bundled() throws IOException {
    return new ClipSource(
        VideoClip.read(resource(BUNDLED_VIDEO)), AudioClip.read(resource(BUNDLED_AUDIO)));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ClipSource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the bundled clip " + name + " is missing: build the program again");
      }
      return in.readAllBytes();
    }
  }

  /**
   * An IVF file, with the sound of the Ogg Opus file of the same name where there is one.
   *
   * @throws IOException with a sentence for the user where it cannot be played
   */
  public static ClipSource file(Path ivf) throws IOException {
    String name = ivf.getFileName().toString();
    int dot = name.lastIndexOf('.');
    Path ogg = ivf.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".ogg");
    try {
      return of(Files.readAllBytes(ivf), Files.isReadable(ogg) ? Files.readAllBytes(ogg) : null);
    } catch (IOException e) {
      throw new IOException(ivf + " cannot be played: " + e.getMessage(), e);
    }
  }

  static ClipSource of(byte[] ivf, byte @Nullable [] ogg) throws IOException {
    return new ClipSource(VideoClip.read(ivf), ogg == null ? null : AudioClip.read(ogg));
  }

  @Override
  public Codec videoCodec() {
    return video.codec();
  }

  @Override
  public boolean hasAudio() {
    return audio != null;
  }

  @Override
  public int payloadBytesMax() {
    return Packetizer.DEFAULT_MAX_PAYLOAD;
  }

  @Override
  public boolean captureTimeOnAll() {
    return false;
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
    while (nowNs - (startNs + videoTimeNs) >= 0) {
      if (keyframeWanted) {
        keyframeWanted = false;
        seek();
      }
      output.video(video.frame(videoAt), videoTimeNs);
      videoTimeNs += video.durationNs(videoAt);
      videoAt = (videoAt + 1) % video.size();
    }
    while (audio != null && nowNs - (startNs + audioTimeNs) >= 0) {
      output.audio(audio.packet(audioAt), audioTimeNs);
      audioTimeNs += audio.durationNs(audioAt);
      audioAt = (audioAt + 1) % audio.size();
    }
  }

  private void seek() {
    while (!video.isKeyframe(videoAt)) {
      videoAt = (videoAt + 1) % video.size(); // ends: the first frame is one
    }
  }

  @Override
  public long nextDeadlineNs() {
    return startNs + (audio == null ? videoTimeNs : Math.min(videoTimeNs, audioTimeNs));
  }

  @Override
  public void requestKeyframe() {
    keyframeWanted = true;
  }
}
