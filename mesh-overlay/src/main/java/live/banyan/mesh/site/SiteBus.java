package live.banyan.mesh.site;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import live.banyan.mesh.Directory.Request;

/**
 * Questions between nodes over the clustered event bus: one address per node, the topic and the
 * sender in headers. A handler runs on a virtual thread of its own, so it may wait.
 */
final class SiteBus {
  /** Largest question and largest answer in bytes. */
  static final int BODY_BYTES_MAX = 16 * 1024;

  private static final long TIMEOUT_MS = 2_000;
  private static final int OPEN_REQUESTS_MAX = 256;
  private static final int NO_SUCH_TOPIC = 404;
  private static final int FAILED = 500;
  private static final int BUSY = 503;
  private static final String TOPIC = "topic";
  private static final String FROM = "from";

  private final Vertx vertx;
  private final String nodeId;
  private final SiteMetrics metrics;
  private final Map<String, Function<Request, CompletionStage<byte[]>>> handlers =
      new ConcurrentHashMap<>();
  private final Semaphore open = new Semaphore(OPEN_REQUESTS_MAX);
  private final MessageConsumer<Buffer> consumer;

  SiteBus(Vertx vertx, String nodeId, SiteMetrics metrics) {
    this.vertx = vertx;
    this.nodeId = nodeId;
    this.metrics = metrics;
    this.consumer = vertx.eventBus().consumer(address(nodeId), this::received);
  }

  /** Completes when the other members can reach this node. */
  CompletionStage<Void> reachable() {
    return consumer.completion().toCompletionStage();
  }

  void answer(String topic, Function<Request, CompletionStage<byte[]>> handler) {
    handlers.put(topic, handler);
  }

  CompletionStage<byte[]> request(String to, String topic, byte[] body) {
    if (body.length > BODY_BYTES_MAX) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("a request of " + body.length + " bytes is too long"));
    }
    DeliveryOptions options =
        new DeliveryOptions()
            .setSendTimeout(TIMEOUT_MS)
            .addHeader(TOPIC, topic)
            .addHeader(FROM, nodeId);
    return vertx
        .eventBus()
        .<Buffer>request(address(to), Buffer.buffer(body), options)
        .map(reply -> reply.body().getBytes())
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private void received(Message<Buffer> message) {
    String topic = message.headers().get(TOPIC);
    String from = message.headers().get(FROM);
    Function<Request, CompletionStage<byte[]>> handler = topic == null ? null : handlers.get(topic);
    if (handler == null || from == null || message.body().length() > BODY_BYTES_MAX) {
      message.fail(NO_SUCH_TOPIC, "node " + nodeId + " does not answer " + topic);
      return;
    }
    if (!open.tryAcquire()) {
      metrics.requestsRefused.inc();
      message.fail(BUSY, "too many open requests");
      return;
    }
    Thread.ofVirtual()
        .name("banyan-answer-", 0)
        .start(() -> handle(handler, new Request(from, message.body().getBytes()), message));
  }

  private void handle(
      Function<Request, CompletionStage<byte[]>> handler,
      Request request,
      Message<Buffer> message) {
    CompletionStage<byte[]> answer;
    try {
      answer = handler.apply(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    var unused =
        answer
            .toCompletableFuture()
            .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
            .whenComplete(
                (bytes, failure) -> {
                  open.release();
                  if (failure != null) {
                    message.fail(FAILED, String.valueOf(failure.getMessage()));
                  } else if (bytes.length > BODY_BYTES_MAX) {
                    message.fail(FAILED, "the answer is too long");
                  } else {
                    message.reply(Buffer.buffer(bytes));
                  }
                });
  }

  void close() {
    consumer.unregister();
  }

  private static String address(String nodeId) {
    return "banyan.node." + nodeId;
  }
}
