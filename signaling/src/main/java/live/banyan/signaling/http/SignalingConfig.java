package live.banyan.signaling.http;

import java.nio.file.Path;
import java.util.List;
import live.banyan.signaling.session.IceServer;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP server is set up.
 *
 * @param host address to bind
 * @param port 0 picks a free one
 * @param tls certificate and key, or null for plain HTTP
 * @param trustedProxies whose X-Forwarded-For and X-Forwarded-Proto count
 * @param bodyBytesMax largest request body
 * @param bodyTimeoutMs time for the first request's head, and for each whole body
 * @param openTimeoutMs time for the media plane to find a stream or open a session
 * @param requestsPerSecond lasting rate of POST, PATCH and event listeners per address; 0 is off
 * @param requestsBurst as many at once
 * @param sessionsMax open WHIP and WHEP sessions
 * @param listenersMax open event streams
 * @param connectionsMax open connections
 * @param iceServers told to clients
 * @param hideLists whether the lists of streams, peers and trees need an operator's token (stream
 *     {@code *}); without effect on an open node
 */
public record SignalingConfig(
    String host,
    int port,
    @Nullable Tls tls,
    List<Cidr> trustedProxies,
    int bodyBytesMax,
    long bodyTimeoutMs,
    long openTimeoutMs,
    int requestsPerSecond,
    int requestsBurst,
    int sessionsMax,
    int listenersMax,
    int connectionsMax,
    List<IceServer> iceServers,
    boolean hideLists) {
  /** PEM files; the certificate's file holds the whole chain. */
  public record Tls(Path certificate, Path key) {}

  /** Checks ranges; IllegalArgumentException names the value. */
  public SignalingConfig {
    trustedProxies = List.copyOf(trustedProxies);
    iceServers = List.copyOf(iceServers);
    between("port", port, 0, 65_535);
    between("bodyBytesMax", bodyBytesMax, 1_024, 16 << 20);
    between("bodyTimeoutMs", bodyTimeoutMs, 10, 600_000);
    between("openTimeoutMs", openTimeoutMs, 10, 600_000);
    between("requestsPerSecond", requestsPerSecond, 0, 1_000_000);
    between("requestsBurst", requestsBurst, 1, 1_000_000);
    between("sessionsMax", sessionsMax, 1, 10_000_000);
    between("listenersMax", listenersMax, 1, 10_000_000);
    between("connectionsMax", connectionsMax, 1, 10_000_000);
  }

  /** Defaults for a node on this address: 20 requests/s with bursts of 60, lists shown. */
  public static SignalingConfig of(String host, int port) {
    return new SignalingConfig(
        host,
        port,
        null,
        List.of(),
        128 * 1024,
        10_000,
        10_000,
        20,
        60,
        20_000,
        20_000,
        50_000,
        List.of(),
        false);
  }

  private static void between(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but has to lie between " + min + " and " + max);
    }
  }
}
