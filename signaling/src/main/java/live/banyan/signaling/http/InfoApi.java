package live.banyan.signaling.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.auth.Tokens;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.port.StreamDirectory.TreeNode;
import live.banyan.signaling.session.AccessGate;
import live.banyan.signaling.session.Problem;

/** The read-only API: this node, streams, trees, health. Nothing in it tells of single viewers. */
final class InfoApi {
  private final StreamDirectory directory;
  private final AccessGate gate;
  private final BooleanSupplier ready;
  private final boolean hideLists;

  InfoApi(StreamDirectory directory, AccessGate gate, BooleanSupplier ready, boolean hideLists) {
    this.directory = directory;
    this.gate = gate;
    this.ready = ready;
    this.hideLists = hideLists;
  }

  void node(RoutingContext context) {
    shown(context, now -> Json.send(context.response(), directory.node()));
  }

  void streams(RoutingContext context) {
    shown(context, now -> Json.send(context.response(), Map.of("streams", directory.streams())));
  }

  void tree(RoutingContext context, String stream) {
    shown(
        context,
        now -> {
          List<TreeNode> nodes = directory.tree(stream);
          if (nodes.isEmpty() && directory.stream(stream).isEmpty()) {
            String sentence = "No node of this site knows this stream: check its name.";
            Problem.of(404, "unknown-stream", sentence).send(context.response());
          } else {
            Json.send(context.response(), Map.of("stream", stream, "nodes", nodes));
          }
        });
  }

  void live(RoutingContext context) {
    Json.send(context.response(), Map.of("live", true));
  }

  void ready(RoutingContext context) {
    if (ready.getAsBoolean()) {
      Json.send(context.response(), Map.of("ready", true));
    } else {
      String sentence = "The node is starting or going down: use another one.";
      new Problem(503, "not-ready", sentence, 1).send(context.response());
    }
  }

  private void shown(RoutingContext context, Handler<Void> answer) {
    if (!hideLists
        || gate.admit(context, EnumSet.allOf(Grant.class), Tokens.EVERY_STREAM).isPresent()) {
      answer.handle(null);
    }
  }
}
