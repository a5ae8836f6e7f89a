package live.banyan.sfu.client;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import live.banyan.sfu.ice.IceCredentials;
import org.jspecify.annotations.Nullable;

/** A WHEP viewer that decodes nothing and judges everything. Safe from any thread. */
public final class Viewer implements AutoCloseable {
  private final ClientHost host;
  private final SignalingClient signaling;
  private final URI resource;
  private final ViewerMedia media;
  private final ClientTransport transport;
  private final String iceUsername;
  private final long postedNs;

  private Viewer(
      ClientHost host,
      SignalingClient signaling,
      URI resource,
      ViewerMedia media,
      ClientTransport transport,
      String iceUsername,
      long postedNs) {
    this.host = host;
    this.signaling = signaling;
    this.resource = resource;
    this.media = media;
    this.transport = transport;
    this.iceUsername = iceUsername;
    this.postedNs = postedNs;
  }

  /**
   * What to watch and how.
   *
   * @param whep the WHEP endpoint
   * @param token bearer token, or null
   * @param loss media dropped on purpose
   * @param assemble whether frames are put together; without, a bench has a lighter viewer that
   *     still counts packets and latency, but opens only a sample of them
   * @param frames hears of each frame
   */
  public record Options(
      URI whep, @Nullable String token, ReceiveLoss loss, boolean assemble, FrameListener frames) {
    /** Watches without a token, and loses nothing on purpose. */
    public static Options of(URI whep) {
      return new Options(whep, null, ReceiveLoss.NONE, true, FrameListener.NONE);
    }

    /** With a bearer token, or none for null. */
    public Options withToken(@Nullable String bearer) {
      return new Options(whep, bearer, loss, assemble, frames);
    }

    /** Drops media on purpose. */
    public Options withLoss(ReceiveLoss receiveLoss) {
      return new Options(whep, token, receiveLoss, assemble, frames);
    }

    /** With a listener for frames. */
    public Options withFrames(FrameListener listener) {
      return new Options(whep, token, loss, assemble, listener);
    }

    /** Counts packets only. */
    public Options withoutFrames() {
      return new Options(whep, token, loss, false, FrameListener.NONE);
    }

    @Override
    public String toString() {
      return "Options[" + whep + "]"; // the token is a secret
    }
  }

  /**
   * Asks for a session; blocks until the node has answered.
   *
   * @throws IOException when this machine gives no UDP socket
   */
  public static Start<Viewer> open(ClientHost host, Options options)
      throws IOException, InterruptedException {
    SignalingClient signaling = new SignalingClient(host.http(), options.whep(), options.token());
    IceCredentials local = IceCredentials.generate(host.random());
    String offer =
        OfferWriter.watch(
            local, host.dtls().identity().fingerprint(), host.random().nextLong() & Long.MAX_VALUE);
    long postedNs = System.nanoTime();
    return switch (signaling.post(offer)) {
      case SignalingClient.Unreachable unreachable -> new Start.Failed<>(unreachable.sentence());
      case SignalingClient.HttpRefused refused ->
          new Start.Refused<>(refused.status(), refused.sentence());
      case SignalingClient.Created created ->
          switch (RemoteAnswer.read(created.answer())) {
            case RemoteAnswer.Unsound unsound -> {
              signaling.delete(created.resource());
              yield new Start.Failed<>(unsound.sentence());
            }
            case RemoteAnswer.Sound sound -> {
              ViewerMedia media =
                  new ViewerMedia(
                      sound.answer(),
                      host.random().nextInt(),
                      options.assemble(),
                      options.frames());
              ClientTransport transport =
                  ClientTransport.open(host, media, local, sound.answer(), options.loss());
              yield new Start.Started<>(
                  new Viewer(
                      host,
                      signaling,
                      created.resource(),
                      media,
                      transport,
                      sound.answer().credentials().ufrag() + ":" + local.ufrag(),
                      postedNs));
            }
          };
    };
  }

  /**
   * Watches for a time, or until the session ends by itself, on a host of its own; blocks. Warms up
   * first, so that the report is about the node.
   *
   * @return the report, a refusal or a failure
   */
  public static Start<WatchReport> watch(Options options, Duration time)
      throws IOException, InterruptedException {
    return watch(options, time, new CompletableFuture<>());
  }

  /**
   * Likewise, until {@code enough} completes.
   *
   * @param enough completed from any thread
   */
  public static Start<WatchReport> watch(
      Options options, Duration time, CompletableFuture<?> enough)
      throws IOException, InterruptedException {
    try (ClientHost host = ClientHost.open()) {
      host.warmUp();
      new SignalingClient(host.http(), options.whep(), options.token()).greet();
      return switch (open(host, options)) {
        case Start.Refused<Viewer> refused ->
            new Start.Refused<>(refused.status(), refused.sentence());
        case Start.Failed<Viewer> failed -> new Start.Failed<>(failed.sentence());
        case Start.Started<Viewer> started -> {
          try (Viewer viewer = started.session()) {
            await(CompletableFuture.anyOf(viewer.ended(), enough), time);
            yield new Start.Started<>(viewer.report());
          }
        }
      };
    }
  }

  /** Waits until media can flow. @return false when it does not within the time, or never will */
  public boolean awaitKeys(Duration time) throws InterruptedException {
    try {
      return media.keyed().get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until the session has ended by itself. @return false when the time was over first */
  public boolean awaitEnd(Duration time) throws InterruptedException {
    return await(media.ended(), time);
  }

  private static boolean await(CompletableFuture<?> end, Duration time)
      throws InterruptedException {
    try {
      end.get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** USERNAME of its connectivity checks: who has no more than that can sign none. */
  public String iceUsername() {
    return iceUsername;
  }

  /** Completes with a sentence when the session has ended. */
  public CompletableFuture<String> ended() {
    return media.ended().copy();
  }

  /** What was seen so far; after the end, what was seen at all. */
  public WatchReport report() throws InterruptedException {
    return onLoop(this::makeReport);
  }

  /** Latencies of packets with a capture time so far: a copy, for adding up over viewers. */
  public LatencyHistogram latencies() throws InterruptedException {
    return onLoop(
        () -> {
          LatencyHistogram copy = new LatencyHistogram();
          TrackReceiver main = main();
          if (main != null) {
            copy.add(main.latency());
          }
          return copy;
        });
  }

  /** What was done about losses so far. */
  public Repairs repairs() throws InterruptedException {
    return onLoop(() -> new Repairs(media.nacksSent(), media.repaired(), media.keyframesAsked()));
  }

  /**
   * What a viewer did about losses.
   *
   * @param nacked packets asked for again, each time counted
   * @param repaired packets that came as RTX
   * @param keyframesAsked PLIs sent
   */
  public record Repairs(long nacked, long repaired, long keyframesAsked) {}

  private <T> T onLoop(java.util.function.Supplier<T> question) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    host.loop().execute(() -> answer.complete(question.get()));
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable TrackReceiver main() {
    return media.video() != null ? media.video() : media.audio();
  }

  private WatchReport makeReport() {
    TrackReceiver audio = media.audio();
    TrackReceiver video = media.video();
    TrackReceiver main = main();
    long packets = (audio == null ? 0 : audio.packets()) + (video == null ? 0 : video.packets());
    long lost = (audio == null ? 0 : audio.lost()) + (video == null ? 0 : video.lost());
    if (main == null) {
      return new WatchReport(null, null, packets, lost, 0, 0, null, null, null);
    }
    return new WatchReport(
        earliest(audio, video),
        main.sawKeyframe() ? ms(main.firstKeyframeNs() - postedNs) : null,
        packets,
        lost,
        main.frames(),
        main.framesBroken(),
        main.longestGapNs() < 0 ? null : ms(main.longestGapNs()),
        quantile(main.latency(), 0.5),
        quantile(main.latency(), 0.99));
  }

  private @Nullable Double earliest(@Nullable TrackReceiver a, @Nullable TrackReceiver b) {
    Double first = null;
    if (a != null && a.sawMedia()) {
      first = ms(a.firstMediaNs() - postedNs);
    }
    if (b != null && b.sawMedia()) {
      double other = ms(b.firstMediaNs() - postedNs);
      first = first == null ? other : Math.min(first, other);
    }
    return first;
  }

  private static @Nullable Double quantile(LatencyHistogram latency, double share) {
    return latency.count() == 0 ? null : ms(latency.quantileNs(share));
  }

  private static Double ms(long ns) {
    return ns / 1e6;
  }

  /** Ends the session at the node (DELETE) and here; idempotent. */
  @Override
  public void close() {
    try {
      signaling.delete(resource);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
  }

  /** Ends the session here without a word to the node, as a browser that crashes; idempotent. */
  public void vanish() {
    transport.close();
  }
}
