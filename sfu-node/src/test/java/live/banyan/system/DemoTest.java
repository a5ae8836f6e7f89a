package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code ./banyan demo} as a newcomer and as a script sees it. */
@Tag("system")
@Timeout(600)
class DemoTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double LATENCY_MS = 150;
  private static final double FIRST_FRAME_MS = 600;

  /** A running demo and what it printed. */
  private record Demo(Program program, List<JsonNode> nodes, JsonNode ready)
      implements AutoCloseable {
    static Demo start() throws IOException, InterruptedException {
      Program program = Program.start("demo", "--port", "0", "--json");
      program.awaitLine("the ready line", line -> line.contains("\"ready\""));
      List<JsonNode> lines = new ArrayList<>();
      for (String line : program.lines()) {
        lines.add(JSON.readTree(line));
      }
      return new Demo(program, lines.subList(0, lines.size() - 1), lines.getLast());
    }

    NodeApi api(int node) {
      return new NodeApi(nodes.get(node - 1).path("http").asText());
    }

    List<Long> pids() {
      return nodes.stream().map(n -> n.path("pid").asLong()).toList();
    }

    void awaitNodesGone() throws InterruptedException {
      long ns =
          Eventually.until(
              "all nodes to end with their demo",
              Program.PATIENCE,
              () -> pids().stream().noneMatch(DemoTest::running));
      Figures.print("demo gone to nodes gone", Figures.ms(ns), "ms");
    }

    @Override
    public void close() throws InterruptedException {
      program.close();
    }
  }

  private static boolean running(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static Set<String> keys(JsonNode object) {
    Set<String> keys = new TreeSet<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  @Test
  void aBroadcastCrossesThreeNodes() throws Exception {
    long start = System.nanoTime();
    try (Demo demo = Demo.start()) {
      Figures.print("demo: command to ready", Figures.ms(System.nanoTime() - start), "ms");
      printsExactlyTheseLines(demo);
      listensOnLoopbackOnly(demo);
      travelsOneTwoThree(demo);
      plays(demo, demo.ready.path("whep").asText());
      plays(demo, demo.api(1).whep("demo").toString());
      demo.program.interrupt();
      assertEquals(0, demo.program.awaitExit());
      demo.awaitNodesGone();
      assertEquals(4, demo.program.lines().size(), "nothing more on standard output");
    }
  }

  private static void printsExactlyTheseLines(Demo demo) {
    assertEquals(3, demo.nodes.size());
    for (int i = 1; i <= 3; i++) {
      JsonNode node = demo.nodes.get(i - 1);
      assertEquals(Set.of("node", "http", "udp", "pid"), keys(node));
      assertEquals(i, node.path("node").asInt());
      assertEquals("http://127.0.0.1:" + node.path("udp").asInt(), node.path("http").asText());
      assertTrue(running(node.path("pid").asLong()));
    }
    assertEquals(Set.of("ready", "watch", "studio", "whip", "whep"), keys(demo.ready));
    assertTrue(demo.ready.path("ready").asBoolean());
    assertEquals(demo.api(3).base() + "/watch/demo", demo.ready.path("watch").asText());
    assertEquals(demo.api(3).base() + "/whep/demo", demo.ready.path("whep").asText());
    assertEquals(demo.api(1).base() + "/whip/demo", demo.ready.path("whip").asText());
    assertEquals(demo.api(1).base() + "/studio", demo.ready.path("studio").asText());
  }

  private static void listensOnLoopbackOnly(Demo demo) throws Exception {
    List<String> sockets = new ArrayList<>();
    for (long pid : demo.pids()) {
      sockets.addAll(ListeningSockets.of(pid));
    }
    // UDP, HTTP and the cluster port of three nodes, and Hazelcast's failure detector perhaps.
    assertTrue(sockets.size() >= 9, sockets.toString());
    assertEquals(List.of(), sockets.stream().filter(s -> !ListeningSockets.loopback(s)).toList());
  }

  private static void travelsOneTwoThree(Demo demo) throws Exception {
    // Node 2 carries the stream already; node 3 takes it with its first viewer.
    assertTrue(demo.api(1).tree("demo").size() >= 2, "node 2 took the stream before ready");
    try (Program watch =
        Program.start("watch", demo.api(3).whep("demo").toString(), "--for", "3", "--json")) {
      Eventually.until(
          "three nodes in the tree", Program.PATIENCE, () -> demo.api(1).tree("demo").size() == 3);
      for (int asked = 1; asked <= 3; asked++) {
        JsonNode tree = demo.api(asked).tree("demo");
        for (int i = 1; i <= 3; i++) {
          JsonNode node = tree.get(i - 1);
          assertEquals(demo.api(i).base(), node.path("http").asText(), tree.toString());
          assertEquals(i - 1, node.path("depth").asInt(), tree.toString());
          assertEquals(
              i == 1 ? "" : tree.get(i - 2).path("nodeId").asText(),
              node.path("parentId").asText());
        }
      }
      watch.awaitExit();
    }
  }

  private static void plays(Demo demo, String whep) throws Exception {
    try (Program watch = Program.start("watch", whep, "--for", "5", "--json")) {
      JsonNode report = watch.awaitJson();
      assertEquals(
          Set.of(
              "firstMediaMs",
              "firstFrameMs",
              "packets",
              "lost",
              "frames",
              "framesBroken",
              "longestGapMs",
              "latencyMsP50",
              "latencyMsP99"),
          keys(report));
      assertEquals(0, report.path("lost").asInt(), report.toString());
      assertEquals(0, report.path("framesBroken").asInt(), report.toString());
      assertTrue(report.path("frames").asInt() >= 60, report.toString());
      String node = whep.startsWith(demo.api(3).base()) ? "node 3" : "node 1";
      Figures.within(
          "watch on " + node + ": latency p50",
          report.path("latencyMsP50").asDouble(),
          LATENCY_MS,
          "ms");
      Figures.within(
          "watch on " + node + ": first complete frame",
          report.path("firstFrameMs").asDouble(),
          FIRST_FRAME_MS,
          "ms");
    }
  }

  @Test
  void sigtermEndsAllProcesses() throws Exception {
    try (Demo demo = Demo.start()) {
      Path scratch = Path.of(System.getProperty("java.io.tmpdir"));
      demo.program.terminate();
      assertEquals(0, demo.program.awaitExit());
      demo.awaitNodesGone();
      try (var left = Files.list(scratch)) {
        assertEquals(
            0,
            left.filter(p -> p.getFileName().toString().startsWith("banyan-demo-"))
                .filter(p -> Files.exists(p.resolve("node-1.conf")))
                .filter(p -> mentions(p, demo))
                .count(),
            "no files are left");
      }
    }
  }

  private static boolean mentions(Path scratch, Demo demo) {
    try {
      String base = demo.api(1).base();
      return Files.readString(scratch.resolve("node-1.log")).contains(base);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void nodesDoNotOutliveADemoThatIsKilled() throws Exception {
    try (Demo demo = Demo.start()) {
      demo.program.kill();
      demo.program.awaitExit();
      demo.awaitNodesGone();
    }
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      // Node 2 would use it for HTTP.
      try (Program demo = Program.start("demo", "--port", Integer.toString(port - 20), "--json")) {
        assertEquals(1, demo.awaitExit());
        assertTrue(demo.errors().contains(Integer.toString(port)), demo.errors());
        assertTrue(demo.errors().contains("--port"), "says what to do: " + demo.errors());
        assertTrue(demo.lines().isEmpty(), demo.lines().toString());
      }
    }
  }
}
