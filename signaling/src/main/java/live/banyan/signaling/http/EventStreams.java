package live.banyan.signaling.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.port.StreamDirectory.Move;
import live.banyan.signaling.port.StreamDirectory.StateChanged;
import live.banyan.signaling.port.StreamDirectory.StreamEvent;
import live.banyan.signaling.port.StreamDirectory.Watch;
import live.banyan.signaling.session.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events of streams (WHATWG HTML §9.2): {@code state} with the stream, {@code move}
 * with another node's base URL, and a comment each 15 s so that dead connections show. A client
 * that does not read is closed: it reconnects and is told the present state first.
 */
final class EventStreams {
  private static final long HEARTBEAT_MS = 15_000;
  private static final int QUEUE_BYTES_MAX = 64 * 1024;

  private final HttpMetrics metrics;
  private final int listenersMax;
  private final Set<Listener> listeners = new HashSet<>();

  /** To be used from one event loop. */
  EventStreams(HttpMetrics metrics, int listenersMax) {
    this.metrics = metrics;
    this.listenersMax = listenersMax;
  }

  /** Starts the heartbeat; gives the timer. */
  long start(Vertx vertx) {
    return vertx.setPeriodic(
        HEARTBEAT_MS, tick -> Set.copyOf(listeners).forEach(listener -> listener.send(":\n\n")));
  }

  /** The client's end of an event stream; safe from any thread. */
  interface Out {
    /** Sends whole events. */
    void tell(String text);

    /** Ends the stream. */
    void end();
  }

  /** Answers with an endless response of what happens to a stream. */
  void open(RoutingContext context, StreamDirectory directory, String stream) {
    open(context, out -> directory.watch(stream, event -> out.tell(text(event))));
  }

  /**
   * Answers with an endless response.
   *
   * @param source begins to tell, until what it gives is closed
   */
  void open(RoutingContext context, Function<Out, Watch> source) {
    if (listeners.size() >= listenersMax) {
      metrics.listenersRefused.inc();
      String sentence = "This node serves as many event streams as it may: try again later.";
      new Problem(503, "listeners-full", sentence, 5).send(context.response());
      return;
    }
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Accel-Buffering", "no")
        .setChunked(true)
        .setWriteQueueMaxSize(QUEUE_BYTES_MAX);
    Listener listener = new Listener(response, context.vertx().getOrCreateContext());
    listeners.add(listener);
    metrics.listeners.set(listeners.size());
    response.closeHandler(gone -> listener.close());
    response.exceptionHandler(broken -> listener.close());
    listener.send("retry: 2000\n\n");
    listener.follow(source);
  }

  /** Ends all, for instance when the node goes down. */
  void close() {
    Set.copyOf(listeners).forEach(Listener::finish);
  }

  private final class Listener implements Out {
    private final HttpServerResponse response;
    private final Context loop;
    private @Nullable Watch watch;
    private boolean closed;

    Listener(HttpServerResponse response, Context loop) {
      this.response = response;
      this.loop = loop;
    }

    void follow(Function<Out, Watch> source) {
      watch = source.apply(this);
      if (closed) {
        watch.close();
      }
    }

    @Override
    public void tell(String text) {
      loop.runOnContext(now -> send(text));
    }

    @Override
    public void end() {
      loop.runOnContext(now -> finish());
    }

    void send(String text) {
      if (closed) {
        return;
      }
      if (response.writeQueueFull()) {
        metrics.eventsDropped.inc();
        finish();
        return;
      }
      response.write(text);
    }

    void finish() {
      if (!closed) {
        close();
        response.end();
      }
    }

    void close() {
      if (closed) {
        return;
      }
      closed = true;
      listeners.remove(this);
      metrics.listeners.set(listeners.size());
      if (watch != null) {
        watch.close();
      }
    }
  }

  private static String text(StreamEvent event) {
    return switch (event) {
      case StateChanged changed -> "event: state\ndata: " + Json.write(changed.stream()) + "\n\n";
      case Move move -> "event: move\ndata: " + Json.write(Map.of("http", move.http())) + "\n\n";
    };
  }
}
