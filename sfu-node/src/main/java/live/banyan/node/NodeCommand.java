package live.banyan.node;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./banyan node}: runs one node until it is told to stop. */
@Command(
    name = "node",
    header = "Runs a node.",
    mixinStandardHelpOptions = true,
    description = {
      "Without options it listens on loopback only, asks for tokens, and prints a link to the studio"
          + " that carries one.",
      "",
      "A public node:",
      "  ./banyan node --http 0.0.0.0:443 --udp 0.0.0.0:8443 \\",
      "    --announce 203.0.113.7 --tls-cert chain.pem --tls-key key.pem",
      "A site of two:",
      "  ./banyan node --site mine --cluster 10.0.0.1:5701 --join 10.0.0.2:5701 ...",
      "",
      "SIGTERM moves children and viewers to other nodes of the site before the node stops."
    })
final class NodeCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings (HOCON); options here win.")
  private @Nullable Path config;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "Pages, WHIP, WHEP, API, metrics.")
  private @Nullable String http;

  @Option(names = "--udp", paramLabel = "HOST:PORT", description = "The one port for all media.")
  private @Nullable String udp;

  @Option(
      names = "--announce",
      paramLabel = "IP",
      split = ",",
      description = "Addresses that clients send media to, when they differ from --udp.")
  private @Nullable List<String> announce;

  @Option(names = "--site", paramLabel = "NAME", description = "Join the nodes of one operator.")
  private @Nullable String site;

  @Option(
      names = "--cluster",
      paramLabel = "HOST:PORT",
      description = "This member's private or loopback address inside the site.")
  private @Nullable String cluster;

  @Option(
      names = "--join",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Other members of the site.")
  private @Nullable List<String> join;

  @Option(names = "--data", paramLabel = "DIR", description = "Where keys live.")
  private @Nullable String data;

  @Option(
      names = "--max-children",
      paramLabel = "N",
      description = "Relays served at once, over all streams.")
  private @Nullable Integer maxChildren;

  @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain, PEM.")
  private @Nullable String tlsCert;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key, PEM.")
  private @Nullable String tlsKey;

  @Option(
      names = "--trusted-proxy",
      paramLabel = "CIDR",
      split = ",",
      description = "Networks whose X-Forwarded headers are believed.")
  private @Nullable List<String> trustedProxies;

  @Override
  public Integer call() throws Exception {
    NodeConfig settings = NodeConfig.load(config, overrides());
    Logs.toStandardError(settings.jsonLogs(), Level.INFO);
    CountDownLatch stopped = new CountDownLatch(1);
    BanyanNode node = BanyanNode.start(settings);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("banyan-stop")
                .unstarted(
                    () -> {
                      node.close();
                      stopped.countDown();
                    }));
    System.out.println(node.welcome());
    System.out.flush();
    if (Boolean.getBoolean("banyan.stop-with-stdin")) {
      StandardInput.exitAtItsEnd();
    }
    stopped.await();
    return 0;
  }

  private Map<String, Object> overrides() {
    Map<String, @Nullable Object> given = new LinkedHashMap<>();
    given.put("banyan.http", http);
    given.put("banyan.udp", udp);
    given.put("banyan.announce", announce);
    given.put("banyan.site.name", site);
    given.put("banyan.site.cluster", cluster);
    given.put("banyan.site.join", join);
    given.put("banyan.data", data);
    given.put("banyan.max-children", maxChildren);
    given.put("banyan.tls.cert", tlsCert);
    given.put("banyan.tls.key", tlsKey);
    given.put("banyan.trusted-proxies", trustedProxies);
    Map<String, Object> set = new LinkedHashMap<>();
    given.forEach(
        (key, value) -> {
          if (value != null) {
            set.put(key, value);
          }
        });
    return set;
  }
}
