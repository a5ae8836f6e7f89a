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

/** A WHIP publisher of a clip or a pattern, in real time. Safe from any thread. */
public final class Publisher implements AutoCloseable {
  private static final Duration LIVE_TIMEOUT = Duration.ofSeconds(15);

  private final ClientHost host;
  private final boolean ownsHost;
  private final SignalingClient signaling;
  private final URI resource;
  private final PublisherMedia media;
  private final ClientTransport transport;

  private Publisher(
      ClientHost host,
      boolean ownsHost,
      SignalingClient signaling,
      URI resource,
      PublisherMedia media,
      ClientTransport transport) {
    this.host = host;
    this.ownsHost = ownsHost;
    this.signaling = signaling;
    this.resource = resource;
    this.media = media;
    this.transport = transport;
  }

  /**
   * What to publish, and where.
   *
   * @param whip the WHIP endpoint
   * @param token bearer token, or null
   * @param source played once, from its start
   * @param loss feedback dropped on purpose
   */
  public record Options(URI whip, @Nullable String token, MediaSource source, ReceiveLoss loss) {
    /** A source, without a token. */
    public static Options of(URI whip, MediaSource source) {
      return new Options(whip, null, source, ReceiveLoss.NONE);
    }

    /** The bundled clip. */
    public static Options pattern(URI whip) throws IOException {
      return of(whip, ClipSource.bundled());
    }

    /** With a bearer token, or none for null. */
    public Options withToken(@Nullable String bearer) {
      return new Options(whip, bearer, source, loss);
    }

    @Override
    public String toString() {
      return "Options[" + whip + "]"; // the token is a secret
    }
  }

  /**
   * Publishes on a host of its own, which {@link #close} closes; returns when media flows.
   *
   * @throws IOException with a sentence when the node refuses, or no media flows
   */
  public static Publisher start(Options options) throws IOException, InterruptedException {
    ClientHost host = ClientHost.open();
    boolean flows = false;
    try {
      Publisher publisher =
          switch (open(host, true, options)) {
            case Start.Started<Publisher> started -> started.session();
            case Start.Refused<Publisher> refused ->
                throw new IOException(
                    refused.sentence() + " (HTTP status " + refused.status() + ")");
            case Start.Failed<Publisher> failed -> throw new IOException(failed.sentence());
          };
      if (!publisher.awaitLive(LIVE_TIMEOUT)) {
        String sentence = publisher.ending();
        publisher.close();
        throw new IOException("no media flows to " + options.whip() + ": " + sentence);
      }
      flows = true;
      return publisher;
    } finally {
      if (!flows) {
        host.close();
      }
    }
  }

  /**
   * Asks for a session on a shared host; blocks until the node has answered, not until media flows.
   *
   * @throws IOException when this machine gives no UDP socket
   */
  public static Start<Publisher> open(ClientHost host, Options options)
      throws IOException, InterruptedException {
    return open(host, false, options);
  }

  private static Start<Publisher> open(ClientHost host, boolean ownsHost, Options options)
      throws IOException, InterruptedException {
    SignalingClient signaling = new SignalingClient(host.http(), options.whip(), options.token());
    IceCredentials local = IceCredentials.generate(host.random());
    MediaSource source = options.source();
    OfferWriter.Sources audio = new OfferWriter.Sources(host.random().nextInt(), 0);
    OfferWriter.Sources video =
        new OfferWriter.Sources(host.random().nextInt(), host.random().nextInt());
    String offer =
        OfferWriter.publish(
            local,
            host.dtls().identity().fingerprint(),
            host.random().nextLong() & Long.MAX_VALUE,
            source.hasAudio() ? audio : null,
            source.videoCodec(),
            source.videoCodec() == null ? null : video);
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
              PublisherMedia media =
                  new PublisherMedia(sound.answer(), source, audio, video, host.random());
              ClientTransport transport =
                  ClientTransport.open(host, media, local, sound.answer(), options.loss());
              yield new Start.Started<>(
                  new Publisher(host, ownsHost, signaling, created.resource(), media, transport));
            }
          };
    };
  }

  /** Waits until media flows. @return false when it does not within the time, or never will */
  public boolean awaitLive(Duration time) throws InterruptedException {
    try {
      return media.live().get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until the session has ended by itself. @return false when the time was over first */
  public boolean awaitEnd(Duration time) throws InterruptedException {
    try {
      media.ended().get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Completes with a sentence when the session has ended. */
  public CompletableFuture<String> ended() {
    return media.ended().copy();
  }

  private String ending() {
    return media.ended().getNow("the node does not finish the handshake");
  }

  /**
   * What was sent so far.
   *
   * @param packets media packets, repetitions not counted
   * @param repeated packets sent again as RTX
   * @param keyframesMade keyframes that the node asked for
   * @param transportFeedbacks transport-wide congestion control messages that came back
   */
  public record Sent(long packets, long repeated, long keyframesMade, long transportFeedbacks) {}

  /** What was sent so far. */
  public Sent sent() throws InterruptedException {
    CompletableFuture<Sent> answer = new CompletableFuture<>();
    host.loop()
        .execute(
            () ->
                answer.complete(
                    new Sent(
                        media.packets(),
                        media.repeated(),
                        media.keyframesMade(),
                        media.transportFeedbacks())));
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the broadcast at the node (DELETE) and here; idempotent. */
  @Override
  public void close() {
    try {
      signaling.delete(resource);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
    if (ownsHost) {
      host.close();
    }
  }
}
