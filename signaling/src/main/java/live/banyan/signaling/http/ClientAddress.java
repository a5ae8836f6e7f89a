package live.banyan.signaling.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whom a request comes from, seen through the proxies that the operator trusts. */
final class ClientAddress {
  private final List<Cidr> trusted;

  ClientAddress(List<Cidr> trusted) {
    this.trusted = List.copyOf(trusted);
  }

  /** Who holds a connection; empty for a trusted proxy, which holds those of many. */
  Optional<InetAddress> holding(HttpConnection connection) {
    return Optional.ofNullable(literal(connection.remoteAddress().hostAddress()))
        .filter(address -> !isTrusted(address));
  }

  /** The peer, or behind trusted proxies the last address that no trusted proxy has. */
  InetAddress of(HttpServerRequest request) {
    InetAddress peer = literal(request.remoteAddress().hostAddress());
    if (peer == null) {
      return InetAddress.getLoopbackAddress();
    }
    return seenThrough(peer, forwardedFor(request));
  }

  /** Several headers are one list (RFC 9110 §5.3): a client could send one before its proxy's. */
  private static @Nullable String forwardedFor(HttpServerRequest request) {
    List<String> values = request.headers().getAll("X-Forwarded-For");
    return values.isEmpty() ? null : String.join(",", values);
  }

  InetAddress seenThrough(InetAddress peer, @Nullable String forwardedFor) {
    if (forwardedFor == null || !isTrusted(peer)) {
      return peer;
    }
    InetAddress nearest = peer;
    String[] hops = forwardedFor.split(",");
    for (int i = hops.length - 1; i >= 0; i--) {
      InetAddress hop = literal(hops[i].strip());
      if (hop == null) {
        return nearest;
      }
      nearest = hop;
      if (!isTrusted(hop)) {
        return hop;
      }
    }
    return nearest;
  }

  /** Whether the browser speaks HTTPS, to us or to a trusted proxy. */
  boolean secure(HttpServerRequest request) {
    if (request.isSSL()) {
      return true;
    }
    InetAddress peer = literal(request.remoteAddress().hostAddress());
    return peer != null
        && isTrusted(peer)
        && "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"));
  }

  private boolean isTrusted(InetAddress address) {
    return trusted.stream().anyMatch(block -> block.contains(address));
  }

  private static @Nullable InetAddress literal(@Nullable String text) {
    if (text == null) {
      return null;
    }
    int zone = text.indexOf('%');
    try {
      return InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone));
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }
}
