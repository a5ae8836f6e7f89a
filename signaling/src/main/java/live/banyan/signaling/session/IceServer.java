package live.banyan.signaling.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A STUN or TURN server that clients are told of in {@code Link} headers (RFC 9725 §4.5).
 *
 * @param url for instance {@code stun:stun.example.net} or {@code
 *     turn:turn.example.net?transport=udp}
 * @param username for TURN, else null
 * @param credential password for TURN, else null
 */
public record IceServer(String url, @Nullable String username, @Nullable String credential) {
  /** Refuses what could not stand in a header with IllegalArgumentException. */
  public IceServer {
    if (!url.matches("(stun|stuns|turn|turns):[^\\s<>\"]+")) {
      throw new IllegalArgumentException(
          "an ICE server is stun:, stuns:, turn: or turns: and a host, not " + url);
    }
    for (String text : new @Nullable String[] {username, credential}) {
      if (text != null && !text.matches("[ !#-\\[\\]-~]*")) {
        throw new IllegalArgumentException(
            "user name and credential of " + url + " are printable ASCII without quotes");
      }
    }
  }

  String link() {
    StringBuilder link = new StringBuilder("<").append(url).append(">; rel=\"ice-server\"");
    if (username != null && credential != null) {
      link.append("; username=\"").append(username).append('"');
      link.append("; credential=\"").append(credential).append('"');
      link.append("; credential-type=\"password\"");
    }
    return link.toString();
  }

  /** Header values, one for each server. */
  public static List<String> links(List<IceServer> servers) {
    return servers.stream().map(IceServer::link).toList();
  }

  @Override
  public String toString() {
    return "IceServer[" + url + "]";
  }
}
