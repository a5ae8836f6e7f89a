package live.banyan.sfu.client;

import live.banyan.sfu.codec.Codec;
import org.jspecify.annotations.Nullable;

/** Frames in real time. Driven by one thread with a clock of its own; not thread safe. */
public interface MediaSource {
  /** Takes what a source plays. Times are nanoseconds since the source's start. */
  interface Output {
    void video(byte[] frame, long mediaTimeNs);

    void audio(byte[] packet, long mediaTimeNs);
  }

  /** Codec of the picture, null without. */
  @Nullable Codec videoCodec();

  /** Whether there is Opus beside it. */
  boolean hasAudio();

  /**
   * Largest RTP payload in bytes that pictures are split into. Sources that ask for a fixed
   * datagram size also get the capture time on each packet, so that all headers are equally long.
   */
  int payloadBytesMax();

  /** Packets of one track in a second, at most; what is sent is kept for two. */
  default int packetsPerSecondMax() {
    return 1_024;
  }

  /** Whether each packet tells its capture time; else the first of each frame does. */
  boolean captureTimeOnAll();

  /** The source's zero. */
  void start(long nowNs);

  /** Plays what is due. */
  void poll(long nowNs, Output output);

  /** When something is due next. */
  long nextDeadlineNs();

  /** The next frame should be one that a decoder can begin with. */
  void requestKeyframe();
}
