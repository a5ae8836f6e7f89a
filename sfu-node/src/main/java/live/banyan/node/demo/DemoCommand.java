package live.banyan.node.demo;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import live.banyan.node.Logs;
import live.banyan.node.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./banyan demo}: a broadcast that enters at node 1 and leaves at the last node. */
@Command(
    name = "demo",
    header = "Shows a broadcast across nodes on this machine.",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a site of node processes on this machine, sends a test broadcast into node 1, and"
          + " prints where to watch it leave the last one. Ctrl-C ends everything.",
      "",
      "Node i uses HTTP and UDP port P+10i and cluster port P+10i+1."
    })
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--nodes", paramLabel = "N", defaultValue = "3", description = "Default: 3")
  private int nodes;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8080",
      description = "Default: 8080; 0 picks free ports.")
  private int port;

  @Option(
      names = "--lan",
      description = {
        "Announce this machine's own addresses instead of loopback: for other devices in your"
            + " network, and for Firefox, which refuses loopback candidates."
      })
  private boolean lan;

  @Option(names = "--json", description = "Print JSON lines only.")
  private boolean json;

  private final ObjectMapper mapper = new ObjectMapper();

  @Override
  public Integer call() throws Exception {
    Logs.toStandardError(false, json ? Level.WARN : Level.INFO);
    if (nodes < 1 || nodes > 20 || port < 0 || port > 65_000 - 10 * nodes) {
      System.err.println("banyan: --nodes takes 1 to 20, --port 0 to " + (65_000 - 10 * nodes));
      return Main.USAGE;
    }
    try (DemoSite site = new DemoSite(nodes, port, lan)) {
      Thread stop = Thread.ofPlatform().name("demo-stop").unstarted(site::close);
      Runtime.getRuntime().addShutdownHook(stop);
      return run(site);
    }
  }

  private Integer run(DemoSite site) throws Exception {
    progress("starting " + nodes + " nodes ...");
    site.startNodes();
    for (int i = 0; i < site.nodes().size(); i++) {
      NodeProcess node = site.nodes().get(i);
      if (json) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("node", i + 1);
        line.put("http", node.http());
        line.put("udp", node.udpPort());
        line.put("pid", node.pid());
        print(line);
      }
    }
    progress("publishing the test broadcast to node 1 ...");
    site.startBroadcast();
    progress("waiting until it has crossed the site ...");
    site.awaitTree();
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("ready", true);
      line.put("watch", site.watchUrl());
      line.put("studio", site.studioUrl());
      line.put("whip", site.whipUrl());
      line.put("whep", site.whepUrl());
      print(line);
    } else {
      System.out.println(words(site));
    }
    // Until Ctrl-C, or until a node is gone that nobody told to go: the demo then goes on without
    // it.
    new CountDownLatch(1).await();
    return 0;
  }

  private String words(DemoSite site) {
    String firefox =
        lan
            ? ""
            : "\nFirefox refuses media from loopback addresses: use ./banyan demo --lan for it.";
    return """

        Ready: a live broadcast goes %s.

          Watch it       %s
          Go live        %s
          OBS, FFmpeg    %s
          Players        %s

        Ctrl-C ends everything.%s"""
        .formatted(
            site.route(),
            site.watchUrl(),
            site.studioUrl(),
            site.whipUrl(),
            site.whepUrl(),
            firefox);
  }

  private void progress(String sentence) {
    System.err.println("banyan: " + sentence);
  }

  private void print(Map<String, Object> line) throws IOException {
    System.out.println(mapper.writeValueAsString(line));
    System.out.flush();
  }
}
