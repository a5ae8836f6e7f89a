package live.banyan.signaling.session;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.sdp.SdpParser;
import live.banyan.signaling.sdp.SessionDescription;

/** The first half of a WHIP or WHEP POST: token, type, size, syntax. */
public final class OfferIntake {
  /** Media type of offers and answers. */
  public static final String SDP = "application/sdp";

  private final AccessGate gate;
  private final RequestBody body;
  private final SessionMetrics metrics;

  /** Intake behind this gate. */
  public OfferIntake(AccessGate gate, RequestBody body, SessionMetrics metrics) {
    this.gate = gate;
    this.body = body;
    this.metrics = metrics;
  }

  /** An offer that was let in. */
  public record Offer(
      RoutingContext context,
      Grant grant,
      String stream,
      Access.Receipt receipt,
      SessionDescription description) {}

  /** Calls back with the offer, unless a problem was sent instead. */
  public void read(RoutingContext context, Grant grant, String stream, Handler<Offer> done) {
    if (!hasType(context, SDP)) {
      Problem.of(415, "not-sdp", "Send the offer with Content-Type: " + SDP + ".")
          .send(context.response());
      return;
    }
    Optional<Access.Receipt> receipt = gate.admit(context, java.util.Set.of(grant), stream);
    if (receipt.isEmpty()) {
      return;
    }
    body.read(
        context,
        text -> {
          if (text.length() > SdpParser.LENGTH_MAX) {
            refuse(context, 413, "too-large", "The SDP is longer than 64 KiB: offer less.");
            return;
          }
          switch (SdpParser.parse(text)) {
            case SdpParser.Malformed malformed ->
                refuse(context, 400, "malformed-sdp", malformed.sentence());
            case SdpParser.Parsed parsed ->
                done.handle(new Offer(context, grant, stream, receipt.get(), parsed.description()));
          }
        });
  }

  private void refuse(RoutingContext context, int status, String reason, String sentence) {
    metrics.refused(reason);
    Problem.of(status, reason, sentence).send(context.response());
  }

  /** Whether the request's body says to be of this type, parameters aside. */
  static boolean hasType(RoutingContext context, String type) {
    String header = context.request().getHeader("Content-Type");
    if (header == null) {
      return false;
    }
    int semicolon = header.indexOf(';');
    String essence = semicolon < 0 ? header : header.substring(0, semicolon);
    return essence.strip().toLowerCase(Locale.ROOT).equals(type);
  }
}
