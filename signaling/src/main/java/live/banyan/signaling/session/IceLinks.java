package live.banyan.signaling.session;

import io.vertx.core.http.HttpServerResponse;
import java.time.InstantSource;
import java.util.List;

/**
 * The {@code Link} headers that name ICE servers (RFC 9725 §4.6). Credentials go only to those who
 * were admitted: to others a TURN server would be an open relay. Safe from any thread.
 */
public final class IceLinks {
  private final List<IceServer> servers;
  private final InstantSource clock;

  /**
   * Links to these.
   *
   * @param clock dates the credentials that end
   */
  public IceLinks(List<IceServer> servers, InstantSource clock) {
    this.servers = List.copyOf(servers);
    this.clock = clock;
  }

  /** Names them to a client. */
  public void put(HttpServerResponse response, boolean admitted) {
    List<String> links =
        servers.stream()
            .filter(server -> admitted || server.isOpen())
            .map(server -> server.link(clock.instant()))
            .toList();
    if (!links.isEmpty()) {
      response.putHeader("Link", links);
    }
  }
}
