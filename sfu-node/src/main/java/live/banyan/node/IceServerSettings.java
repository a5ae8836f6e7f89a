package live.banyan.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import live.banyan.signaling.session.IceServer;

/**
 * The list {@code banyan.ice-servers}: a STUN server's URL, or a TURN server's with what it asks
 * for.
 */
final class IceServerSettings {
  private static final Set<String> PASSWORD_KEYS = Set.of("url", "username", "credential");
  private static final Set<String> SECRET_KEYS = Set.of("url", "secret", "valid-for");
  private static final Duration VALID_FOR = Duration.ofHours(12);

  private IceServerSettings() {}

  /** Reads the list; {@link NodeConfig.Broken} names the line and repeats no secret. */
  static List<IceServer> read(ConfigList list) {
    return list.stream().map(IceServerSettings::server).toList();
  }

  private static IceServer server(ConfigValue value) {
    try {
      if (value instanceof ConfigObject object) {
        return turn(object.toConfig(), object.keySet());
      }
      return IceServer.stun(String.valueOf(value.unwrapped()));
    } catch (IllegalArgumentException e) {
      throw new NodeConfig.Broken(
          "banyan.ice-servers, " + value.origin().description() + ": " + e.getMessage());
    }
  }

  private static IceServer turn(Config c, Set<String> keys) {
    if (keys.equals(PASSWORD_KEYS)) {
      return new IceServer(
          c.getString("url"),
          new IceServer.Password(c.getString("username"), c.getString("credential")));
    }
    if (keys.contains("url") && keys.contains("secret") && SECRET_KEYS.containsAll(keys)) {
      Duration valid = keys.contains("valid-for") ? c.getDuration("valid-for") : VALID_FOR;
      return new IceServer(
          c.getString("url"), new IceServer.SharedSecret(c.getString("secret"), valid));
    }
    throw new IllegalArgumentException(
        "a TURN server is { url, username, credential } or { url, secret, valid-for }");
  }
}
