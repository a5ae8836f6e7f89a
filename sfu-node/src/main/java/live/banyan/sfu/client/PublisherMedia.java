package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import org.jspecify.annotations.Nullable;

/** A publisher's end of the media: plays its source, repeats what is asked for, reports. */
final class PublisherMedia implements ClientMedia {
  private static final long REPORT_NS = 1_000_000_000L;

  /** The first report comes soon, so that sound and picture can be put together. */
  private static final long FIRST_REPORT_NS = 100_000_000L;

  /** Requests within this of the last are about the keyframe that is on its way. */
  private static final long KEYFRAME_NS = 200_000_000L;

  private final RemoteAnswer answer;
  private final MediaSource source;
  private final OfferWriter.Sources audioSources;
  private final OfferWriter.Sources videoSources;
  private final RandomGenerator random;
  private final Feedback feedback = new Feedback();
  private final Output output = new Output();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CompletableFuture<Boolean> live = new CompletableFuture<>();
  private @Nullable TrackSender audio;
  private @Nullable TrackSender video;
  private boolean playing;
  private long nextReportNs;
  private long keyframeNs;
  private boolean keyframeMade;
  private long keyframesMade;

  PublisherMedia(
      RemoteAnswer answer,
      MediaSource source,
      OfferWriter.Sources audioSources,
      OfferWriter.Sources videoSources,
      RandomGenerator random) {
    this.answer = answer;
    this.source = source;
    this.audioSources = audioSources;
    this.videoSources = videoSources;
    this.random = random;
  }

  /** Completes with a sentence when the transport has ended. */
  CompletableFuture<String> ended() {
    return ended;
  }

  /** Completes with true when media flows, with false when it never will. */
  CompletableFuture<Boolean> live() {
    return live;
  }

  @Override
  public void onConnected(ClientTransport transport, long nowNs) {
    TrackSender.TransportSequence sequence = new TrackSender.TransportSequence();
    RemoteAnswer.Track audioTrack = answer.audio();
    RemoteAnswer.Track videoTrack = answer.video();
    Codec videoCodec = source.videoCodec();
    if (audioTrack != null && source.hasAudio()) {
      audio = sender(transport, Codec.OPUS, audioTrack, audioSources, sequence, nowNs);
    }
    if (videoTrack != null && videoCodec != null && videoTrack.payloadType(videoCodec) != 0) {
      video = sender(transport, videoCodec, videoTrack, videoSources, sequence, nowNs);
    }
    source.start(nowNs);
    nextReportNs = nowNs + FIRST_REPORT_NS;
    playing = true;
    live.complete(true);
  }

  private TrackSender sender(
      ClientTransport transport,
      Codec codec,
      RemoteAnswer.Track track,
      OfferWriter.Sources sources,
      TrackSender.TransportSequence sequence,
      long nowNs) {
    return new TrackSender(transport, codec, track, sources, sequence, source, random, nowNs);
  }

  @Override
  public void onRtp(MemorySegment packet, long offset, int length, int headerLength, long nowNs) {
    // Nobody sends media to a publisher.
  }

  @Override
  public void onRtcp(MemorySegment packet, long offset, int length, long nowNs) {
    feedback.nowNs = nowNs;
    RtcpCompound.walk(packet, offset, length, feedback);
  }

  @Override
  public void poll(long nowNs) {
    if (!playing) {
      return;
    }
    output.nowNs = nowNs;
    source.poll(nowNs, output);
    if (nowNs - nextReportNs >= 0) {
      nextReportNs = nowNs + REPORT_NS;
      long epochNs = epochNs();
      if (audio != null) {
        audio.report(epochNs, nowNs);
      }
      if (video != null) {
        video.report(epochNs, nowNs);
      }
    }
  }

  @Override
  public long nextDeadlineNs() {
    long media = source.nextDeadlineNs();
    return media - nextReportNs < 0 ? media : nextReportNs;
  }

  @Override
  public void onEnded(String sentence) {
    playing = false;
    live.complete(false);
    ended.complete(sentence);
  }

  private static long epochNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private void makeKeyframe(long nowNs) {
    if (!keyframeMade || nowNs - keyframeNs >= KEYFRAME_NS) {
      keyframeMade = true;
      keyframeNs = nowNs;
      keyframesMade++;
      source.requestKeyframe();
    }
  }

  long packets() {
    return (audio == null ? 0 : audio.packets()) + (video == null ? 0 : video.packets());
  }

  long repeated() {
    return (audio == null ? 0 : audio.repeated()) + (video == null ? 0 : video.repeated());
  }

  /** Keyframes made because the node asked. */
  long keyframesMade() {
    return keyframesMade;
  }

  /** Transport-wide feedback messages that came. */
  long transportFeedbacks() {
    return feedback.transportFeedbacks;
  }

  private final class Output implements MediaSource.Output {
    long nowNs;

    @Override
    public void video(byte[] frame, long mediaTimeNs) {
      if (video != null) {
        video.frame(frame, mediaTimeNs, epochNs(), nowNs);
      }
    }

    @Override
    public void audio(byte[] packet, long mediaTimeNs) {
      if (audio != null) {
        audio.frame(packet, mediaTimeNs, epochNs(), nowNs);
      }
    }
  }

  private final class Feedback implements RtcpVisitor {
    long nowNs;
    long transportFeedbacks;

    @Override
    public void nack(int sender, int media, int sequence) {
      if (video != null && media == video.ssrc()) {
        video.repeat(sequence, nowNs);
      } else if (audio != null && media == audio.ssrc()) {
        audio.repeat(sequence, nowNs);
      }
    }

    @Override
    public void pictureLoss(int sender, int media) {
      makeKeyframe(nowNs);
    }

    @Override
    public void fullIntraRequest(int sender, int media, int commandNumber) {
      makeKeyframe(nowNs);
    }

    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      transportFeedbacks++;
    }
  }
}
