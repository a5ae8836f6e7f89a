package live.banyan.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import live.banyan.mesh.policy.Carry;
import live.banyan.mesh.policy.Hours;
import live.banyan.node.volunteer.VolunteerConfig;
import live.banyan.signaling.auth.Ed25519Key;
import live.banyan.signaling.session.IceServer;
import org.jspecify.annotations.Nullable;

/**
 * A node's validated configuration. {@code banyan-reference.conf} documents every key; a key that
 * is not there, or a value that cannot be, is a {@link Broken}.
 *
 * @param publicUrl empty: made from the HTTP address
 * @param authKey the file of the shared key; null: {@code auth.key} in the data directory
 * @param announce literal addresses; empty: found from the UDP address
 * @param volunteer what the owner allows; null for a node without such bounds
 * @param shards from the start; 0: as many as the load wants
 * @param waiting how long viewers outlast their broadcaster
 */
record NodeConfig(
    InetSocketAddress http,
    InetSocketAddress udp,
    List<String> announce,
    String publicUrl,
    Path data,
    @Nullable Path tlsCert,
    @Nullable Path tlsKey,
    List<String> trustedProxies,
    boolean open,
    boolean hideLists,
    @Nullable Path authKey,
    List<Ed25519Key> ed25519Keys,
    List<IceServer> iceServers,
    double ratePerSecond,
    int rateBurst,
    HttpLimits httpLimits,
    String site,
    InetSocketAddress cluster,
    List<String> join,
    List<String> carry,
    int maxChildren,
    int warmLinks,
    int maxSessions,
    @Nullable VolunteerConfig volunteer,
    Duration waiting,
    Duration drain,
    int shards,
    boolean nioOnly,
    boolean jceOnly,
    boolean jsonLogs) {
  private static final int SHARDS_MAX = 64;

  /** Bounds of the HTTP server. */
  record HttpLimits(
      int bodyBytesMax,
      long bodyTimeoutMs,
      long openTimeoutMs,
      int listenersMax,
      int connectionsMax) {}

  /** A configuration that cannot be used; the message names the key and what it should be. */
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(@Nullable String message) {
      super(message);
    }
  }

  private static final String REFERENCE = "banyan-reference.conf";

  /**
   * Reads the reference, a file over it, and options over both.
   *
   * @param overrides configuration keys (with the {@code banyan.} prefix) and their values
   */
  static NodeConfig load(@Nullable Path file, Map<String, ?> overrides) {
    try {
      Config reference = reference();
      Config user = ConfigFactory.parseMap(overrides, "the command line");
      if (file != null) {
        Config fromFile =
            ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        user = user.withFallback(fromFile.resolve());
      }
      refuseUnknownKeys(user, reference);
      return read(user.withFallback(reference).resolve().getConfig("banyan"));
    } catch (ConfigException.WrongType | ConfigException.BadValue e) {
      throw new Broken(e.getMessage());
    } catch (ConfigException e) {
      throw new Broken("configuration cannot be read: " + e.getMessage());
    }
  }

  static Config reference() {
    return ConfigFactory.parseResources(NodeConfig.class.getClassLoader(), REFERENCE);
  }

  private static void refuseUnknownKeys(Config user, Config reference) {
    for (Map.Entry<String, ConfigValue> entry : user.entrySet()) {
      if (!reference.hasPath(entry.getKey())) {
        throw new Broken(
            entry.getValue().origin().description()
                + ": unknown key "
                + entry.getKey()
                + "; known ones beside it: "
                + siblings(entry.getKey(), reference));
      }
    }
  }

  private static String siblings(String key, Config reference) {
    int dot = key.lastIndexOf('.');
    String parent = dot < 0 ? "banyan" : key.substring(0, dot);
    if (!reference.hasPath(parent)) {
      parent = "banyan";
    }
    return String.join(", ", new TreeSet<>(reference.getConfig(parent).root().keySet()));
  }

  private static NodeConfig read(Config c) {
    Path cert = optionalPath(c, "tls.cert");
    Path key = optionalPath(c, "tls.key");
    if ((cert == null) != (key == null)) {
      throw new Broken("banyan.tls needs both cert and key, or neither");
    }
    InetSocketAddress udp = address(c, "udp");
    return new NodeConfig(
        address(c, "http"),
        udp,
        c.getStringList("announce").stream().map(a -> literal("announce", a)).toList(),
        c.getString("public-url").replaceAll("/+$", ""),
        dataDirectory(c.getString("data")),
        cert,
        key,
        c.getStringList("trusted-proxies"),
        oneOf(c, "access", "tokens", "open").equals("open"),
        c.getBoolean("hide-lists"),
        optionalPath(c, "auth.key-file"),
        ed25519Keys(c.getStringList("auth.ed25519-keys")),
        IceServerSettings.read(c.getList("ice-servers")),
        atLeast(c.getDouble("rate-limit.per-second"), 0, "rate-limit.per-second"),
        (int) atLeast(c.getInt("rate-limit.burst"), 0, "rate-limit.burst"),
        new HttpLimits(
            between(c, "http-limits.body-bytes", 1_024, 16 << 20),
            between(c, "http-limits.body-timeout-ms", 10, 600_000),
            between(c, "http-limits.open-timeout-ms", 10, 600_000),
            between(c, "http-limits.listeners", 1, 10_000_000),
            between(c, "http-limits.connections", 1, 10_000_000)),
        siteName(c.getString("site.name")),
        address(c, "site.cluster"),
        c.getStringList("site.join"),
        c.getStringList("carry"),
        (int) atLeast(c.getInt("max-children"), 0, "max-children"),
        (int) atLeast(c.getInt("warm-links"), 0, "warm-links"),
        (int) atLeast(c.getInt("max-sessions"), 1, "max-sessions"),
        volunteer(c),
        Duration.ofMillis((long) atLeast(c.getLong("waiting-ms"), 0, "waiting-ms")),
        Duration.ofMillis((long) atLeast(c.getLong("drain-ms"), 0, "drain-ms")),
        shards(c),
        oneOf(c, "media.udp-path", "auto", "nio").equals("nio"),
        oneOf(c, "media.crypto-path", "auto", "jce").equals("jce"),
        oneOf(c, "log-format", "text", "json").equals("json"));
  }

  private static @Nullable VolunteerConfig volunteer(Config c) {
    String carry = oneOf(c, "volunteer.carry", "off", "chosen", "anything");
    List<String> channels = c.getStringList("volunteer.channels");
    List<String> block = c.getStringList("volunteer.block");
    double mbit = atLeast(c.getDouble("volunteer.uplink-mbit"), 0, "volunteer.uplink-mbit");
    double gb = atLeast(c.getDouble("volunteer.month-gb"), 0, "volunteer.month-gb");
    String hours = c.getString("volunteer.hours");
    Hours parsed =
        Hours.parse(hours)
            .orElseThrow(
                () ->
                    new Broken(
                        "banyan.volunteer.hours is \""
                            + hours
                            + "\"; write for example 18:30-23, or 0-24 for always"));
    return carry.equals("off")
        ? null
        : new VolunteerConfig(
            Carry.valueOf(carry.toUpperCase(Locale.ROOT)),
            channels,
            block,
            Math.round(mbit * 1e6),
            Math.round(gb * 1e9),
            parsed,
            (int) atLeast(c.getInt("max-sessions"), 1, "max-sessions"));
  }

  private static int shards(Config c) {
    return between(c, "media.shards", 0, SHARDS_MAX);
  }

  /** How many shards there can be. */
  int shardsMax() {
    if (shards > 0) {
      return shards;
    }
    boolean spreads = System.getProperty("os.name", "").equals("Linux");
    return spreads ? Math.min(SHARDS_MAX, Runtime.getRuntime().availableProcessors()) : 1;
  }

  /** How many shards memory is divided among: where most do nothing, one must not be kept short. */
  int shardsSharing() {
    return shards > 0 ? shards : Math.min(2, shardsMax());
  }

  /** Where keys live when nothing else is said. */
  static Path dataDirectory(String configured) {
    if (!configured.isEmpty()) {
      return Path.of(configured).toAbsolutePath();
    }
    String xdg = System.getenv("XDG_DATA_HOME");
    return xdg != null && !xdg.isEmpty()
        ? Path.of(xdg, "banyan")
        : Path.of(System.getProperty("user.home"), ".local", "share", "banyan");
  }

  private static @Nullable Path optionalPath(Config c, String key) {
    String value = c.getString(key);
    if (value.isEmpty()) {
      return null;
    }
    Path path = Path.of(value);
    if (!java.nio.file.Files.isReadable(path)) {
      throw new Broken("banyan." + key + ": cannot read " + path);
    }
    return path;
  }

  private static List<Ed25519Key> ed25519Keys(List<String> configured) {
    List<Ed25519Key> keys = new ArrayList<>();
    for (String key : configured) {
      try {
        keys.add(Ed25519Key.of(key));
      } catch (IOException | InvalidPathException e) {
        throw new Broken("banyan.auth.ed25519-keys: " + e.getMessage());
      }
    }
    return List.copyOf(keys);
  }

  private static String siteName(String name) {
    if (!name.matches("[A-Za-z0-9_.-]{0,64}")) {
      throw new Broken(
          "banyan.site.name may have letters, digits, dot, dash and underscore, 64 at most");
    }
    return name;
  }

  private static String literal(String key, String address) {
    if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new Broken("banyan." + key + ": " + address + " is not a literal IPv4 or IPv6 address");
    }
    return address;
  }

  private static String oneOf(Config c, String key, String... allowed) {
    String value = c.getString(key);
    if (!List.of(allowed).contains(value)) {
      throw new Broken(
          "banyan." + key + " is \"" + value + "\"; use " + String.join(" or ", allowed));
    }
    return value;
  }

  private static double atLeast(double value, double least, String key) {
    if (!(value >= least) || value > Integer.MAX_VALUE) {
      throw new Broken("banyan." + key + " is " + value + "; it must be at least " + least);
    }
    return value;
  }

  private static int between(Config c, String key, int least, int most) {
    int value = c.getInt(key);
    if (value < least || value > most) {
      throw new Broken(
          "banyan." + key + " is " + value + "; it must lie between " + least + " and " + most);
    }
    return value;
  }

  private static InetSocketAddress address(Config c, String key) {
    return parseAddress("banyan." + key, c.getString(key));
  }

  /** Parses {@code host:port} or {@code [v6]:port}. */
  static InetSocketAddress parseAddress(String name, String value) {
    int colon = value.lastIndexOf(':');
    String host = colon < 0 ? "" : value.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(value.substring(colon + 1));
      if (!host.isEmpty() && port >= 0 && port <= 65_535) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (!address.isUnresolved()) {
          return address;
        }
        throw new Broken(name + ": the host " + host + " is not known here");
      }
    } catch (NumberFormatException e) {
      // falls through to the one sentence that says what is wanted
    }
    throw new Broken(name + " is \"" + value + "\"; write HOST:PORT, for example 127.0.0.1:8080");
  }
}
