package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the commands promise scripts and people: output, exit status, refusals. */
@Tag("system")
@Timeout(600)
class CommandLineTest {
  private static final int NO_MEDIA = 1;
  private static final int USAGE = 2;
  private static final int REFUSED = 3;
  private static final Pattern STUDIO =
      Pattern.compile("(http://127\\.0\\.0\\.1:([0-9]+))/studio#token=([^&\\s]+)");

  private static int run(Program program) throws InterruptedException {
    try (program) {
      return program.awaitExit();
    }
  }

  @Test
  void wrongUsageExitsWithTwo() throws Exception {
    try (Program watch = Program.start("watch");
        Program token = Program.start("token", "--for", "1h");
        Program unknown = Program.start("sing");
        Program source =
            Program.start("publish", "http://127.0.0.1:9/whip/s", "--source", "no.ivf")) {
      assertEquals(USAGE, run(watch));
      assertEquals(USAGE, run(token));
      assertEquals(USAGE, run(unknown));
      assertEquals(USAGE, run(source));
      assertTrue(source.errors().contains("no.ivf"), source.errors());
    }
  }

  @Test
  void aBrokenConfigurationKeyIsNamed(@TempDir Path directory) throws Exception {
    Path config = Files.writeString(directory.resolve("broken.conf"), "banyan.max-childern = 3\n");
    try (Program node = Program.start("node", "--config", config.toString())) {
      assertEquals(USAGE, node.awaitExit());
      assertTrue(node.errors().contains("banyan.max-childern"), node.errors());
      assertTrue(node.errors().contains("max-children"), "names the known keys: " + node.errors());
    }
  }

  @Test
  void aTakenPortIsNamed(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      try (Program node =
          Program.start(
              "node",
              "--http=127.0.0.1:" + taken.getLocalPort(),
              "--udp=127.0.0.1:0",
              "--data=" + directory.resolve("data"))) {
        assertEquals(1, node.awaitExit());
        assertTrue(
            node.errors().contains(Integer.toString(taken.getLocalPort())),
            "names the port: " + node.errors());
      }
    }
  }

  @Test
  void nobodyThereIsNoMedia() throws Exception {
    String url = "http://127.0.0.1:" + FreePorts.one() + "/whep/s";
    try (Program watch = Program.start("watch", url, "--for", "1", "--json")) {
      assertEquals(NO_MEDIA, watch.awaitExit());
      assertTrue(watch.lines().isEmpty(), "standard output is for the report alone");
    }
  }

  @Test
  void aNodeAsksForTokensAndPrintsAStudioLink(@TempDir Path directory) throws Exception {
    Path data = directory.resolve("data");
    try (Program node =
        Program.start("node", "--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--data=" + data)) {
      Matcher studio =
          STUDIO.matcher(node.awaitLine("the studio link", l -> l.contains("#token=")));
      assertTrue(studio.find(), node.lines().toString());
      NodeApi api = new NodeApi(studio.group(1));
      assertNotEquals("0", studio.group(2), "port 0 picks a free one");
      assertTrue(api.ready());
      tokens(api, data, studio.group(3));
      aSecondNodeIsRefused(data);
      node.interrupt();
      assertEquals(0, node.awaitExit(), "Ctrl-C is no failure");
    }
  }

  private void tokens(NodeApi api, Path data, String studioToken) throws Exception {
    String ours = Program.token(data, "--publish", "ours", "--for", "1h");
    String theirs = Program.token(data, "--watch", "theirs");
    String brief = Program.token(data, "--watch", "ours", "--for", "1s");
    assertEquals(401, post(api.whip("ours"), ""), "without a token");
    assertEquals(401, post(api.whip("ours"), "x.y.z"), "with no token of ours");
    assertEquals(403, post(api.whep("ours"), theirs), "a token for another stream");
    assertEquals(403, post(api.whip("theirs"), theirs), "a token to watch does not publish");
    Eventually.until(
        "the token to end", Program.PATIENCE, () -> post(api.whep("ours"), brief) == 401);
    assertEquals(REFUSED, run(Program.start("watch", api.whep("ours").toString(), "--for", "1")));
    assertEquals(
        REFUSED,
        run(
            Program.start(
                "publish", api.whip("ours").toString(), "--token", theirs, "--for", "1")));
    try (Program published =
            Program.start("publish", api.whip("ours").toString(), "--token", ours, "--for", "1");
        Program studio =
            Program.start(
                "publish", api.whip("any/name").toString(), "--token", studioToken, "--for", "1")) {
      assertEquals(0, published.awaitExit(), published::toString);
      assertEquals(0, studio.awaitExit(), "the studio link's token publishes any stream");
    }
  }

  /** Posts what is no offer: who may not post hears so before anybody reads it. */
  private static int post(URI endpoint, String token) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .header("Content-Type", "application/sdp")
            .POST(HttpRequest.BodyPublishers.ofString("v=0\r\n"));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return NodeApi.HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void whoeverIsToldToStopEndsWithZero(@TempDir Path directory) throws Exception {
    try (TestNode node = TestNode.start(TestNode.Plan.alone("stops", directory)).awaitReady();
        Program publish = Program.start("publish", node.api().whip("s").toString())) {
      node.api().awaitLive("s");
      try (Program watch =
          Program.start("watch", node.api().whep("s").toString(), "--for", "300", "--json")) {
        Eventually.until(
            "the viewer",
            Program.PATIENCE,
            () -> node.api().metric("banyan_shard_subscriptions") > 0);
        watch.interrupt();
        assertEquals(0, watch.awaitExit(), "Ctrl-C");
        assertTrue(watch.awaitJson().has("packets"), "reports what it saw until then");
        Eventually.until(
            "the viewer's session to end with its good-bye",
            Duration.ofSeconds(3),
            () -> node.api().metric("banyan_shard_subscriptions") == 0);
      }
      publish.terminate();
      assertEquals(0, publish.awaitExit(), "SIGTERM");
      Eventually.until(
          "the end of the broadcast, which its publisher tells",
          Duration.ofSeconds(3),
          () -> node.api().state("s").isEmpty());
      node.program().terminate();
      assertEquals(0, node.program().awaitExit(), "SIGTERM of a node");
    }
  }

  private static void aSecondNodeIsRefused(Path data) throws Exception {
    try (Program second =
        Program.start("node", "--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--data=" + data)) {
      assertEquals(1, second.awaitExit());
      assertTrue(second.errors().contains("another node uses"), second.errors());
      assertTrue(second.errors().contains("--data"), "says what to do: " + second.errors());
    }
  }
}
