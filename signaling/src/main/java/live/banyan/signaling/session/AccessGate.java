package live.banyan.signaling.session;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.Grant;

/** Lets requests through that show the right token, and answers the others (RFC 6750 §3). */
public final class AccessGate {
  private final Access access;
  private final SessionMetrics metrics;

  /** A gate in front of everything that needs a token. */
  public AccessGate(Access access, SessionMetrics metrics) {
    this.access = access;
    this.metrics = metrics;
  }

  /** The receipt of an admitted request; empty when the refusal has been sent. */
  public Optional<Access.Receipt> admit(RoutingContext context, Set<Grant> anyOf, String stream) {
    return answer(context, access.decide(authorization(context), anyOf, stream));
  }

  /** Whether {@link #admit} would; answers nothing. */
  public boolean admits(RoutingContext context, Grant grant, String stream) {
    return access.decide(authorization(context), Set.of(grant), stream) instanceof Access.Admitted;
  }

  /** Likewise for a request to an open session. */
  Optional<Access.Receipt> admitOwner(RoutingContext context, Session session) {
    return answer(
        context,
        access.decideOwner(
            authorization(context), session.receipt(), session.grant(), session.stream()));
  }

  private Optional<Access.Receipt> answer(RoutingContext context, Access.Decision decision) {
    metrics.refused(decision);
    return switch (decision) {
      case Access.Admitted admitted -> Optional.of(admitted.receipt());
      case Access.Unauthorized unauthorized -> {
        String error =
            unauthorized.error() == null ? "" : ", error=\"" + unauthorized.error() + "\"";
        context.response().putHeader("WWW-Authenticate", "Bearer realm=\"banyan\"" + error);
        Problem.of(401, "token-" + unauthorized.reason(), unauthorized.sentence())
            .send(context.response());
        yield Optional.empty();
      }
      case Access.Forbidden forbidden -> {
        context
            .response()
            .putHeader("WWW-Authenticate", "Bearer realm=\"banyan\", error=\"insufficient_scope\"");
        Problem.of(403, "token-for-something-else", forbidden.sentence()).send(context.response());
        yield Optional.empty();
      }
    };
  }

  private static @org.jspecify.annotations.Nullable String authorization(RoutingContext context) {
    return context.request().getHeader(HttpHeaders.AUTHORIZATION);
  }
}
