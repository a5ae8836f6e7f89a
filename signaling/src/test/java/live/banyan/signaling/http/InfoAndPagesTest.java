package live.banyan.signaling.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.port.StreamDirectory.Move;
import live.banyan.signaling.port.StreamDirectory.State;
import live.banyan.signaling.port.StreamDirectory.StateChanged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InfoAndPagesTest {
  private ServerHarness harness;

  @BeforeEach
  void start() {
    harness = ServerHarness.open();
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static SignalingConfig limited(int perSecond, int burst, int listeners, String proxy) {
    return new SignalingConfig(
        "127.0.0.1",
        0,
        null,
        proxy.isEmpty() ? List.of() : List.of(Cidr.parse(proxy)),
        128 * 1024,
        1_000,
        1_000,
        perSecond,
        burst,
        100,
        listeners,
        100,
        List.of(),
        false);
  }

  @Test
  void healthFollowsTheNode() {
    assertEquals(200, harness.get("/health/live").statusCode());
    assertEquals(200, harness.get("/health/ready").statusCode());
    harness.ready.set(false);
    HttpResponse<String> draining = harness.get("/health/ready");
    assertEquals(503, draining.statusCode());
    assertTrue(draining.body().contains("not-ready"));
    assertEquals(200, harness.get("/health/live").statusCode());
  }

  @Test
  void apiTellsOfNodeStreamsAndTrees() throws IOException {
    harness.directory.streams.put("c/n", FakeDirectory.info("c/n", State.LIVE));
    ObjectMapper mapper = new ObjectMapper();
    assertEquals("n1", mapper.readTree(harness.get("/api/v1/node").body()).get("nodeId").asText());
    JsonNode streams = mapper.readTree(harness.get("/api/v1/streams").body()).get("streams");
    assertEquals("c/n", streams.get(0).get("name").asText());
    assertEquals("live", streams.get(0).get("state").asText());
    assertEquals("video", streams.get(0).get("tracks").get(1).get("kind").asText());
    HttpResponse<String> tree = harness.get("/api/v1/streams/c/n/tree");
    assertEquals("n1", mapper.readTree(tree.body()).get("nodes").get(0).get("nodeId").asText());
    assertEquals("*", header(tree, "Access-Control-Allow-Origin"));
    assertEquals(404, harness.get("/api/v1/streams/unknown/tree").statusCode());
    assertEquals(405, harness.send("POST", "/api/v1/node", "x").statusCode());
  }

  @Test
  void metricsCountRequestsByRouteAndStatus() {
    harness.get("/api/v1/node");
    harness.get("/nothing");
    HttpResponse<String> metrics = harness.get("/metrics");
    assertTrue(header(metrics, "Content-Type").startsWith("text/plain"));
    assertTrue(
        metrics.body().contains("banyan_http_requests_total{route=\"node\",status=\"200\"} 1"));
    assertTrue(
        metrics.body().contains("banyan_http_requests_total{route=\"asset\",status=\"404\"} 1"));
  }

  @Test
  void eventsTellStateAndMoves() throws IOException {
    harness.directory.streams.put("c/n", FakeDirectory.info("c/n", State.LIVE));
    HttpResponse<InputStream> events = harness.stream("/api/v1/streams/c/n/events");
    assertEquals("text/event-stream", header(events, "Content-Type"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
      assertEquals("retry: 2000", lines.readLine());
      assertEquals("", lines.readLine());
      assertEquals("event: state", lines.readLine());
      assertTrue(lines.readLine().contains("\"state\":\"live\""));
      assertEquals("", lines.readLine());
      harness.directory.tell(new StateChanged(FakeDirectory.info("c/n", State.WAITING)));
      assertEquals("event: state", lines.readLine());
      assertTrue(lines.readLine().contains("\"state\":\"waiting\""));
      assertEquals("", lines.readLine());
      harness.directory.tell(new Move("http://127.0.0.1:8090"));
      assertEquals("event: move", lines.readLine());
      assertEquals("data: {\"http\":\"http://127.0.0.1:8090\"}", lines.readLine());
    }
    assertTrue(
        ServerHarness.eventually(() -> harness.directory.listeners.isEmpty()),
        "a closed stream unregisters");
  }

  @Test
  void eventStreamsEndWithTheServer() throws Exception {
    HttpResponse<InputStream> events = harness.stream("/api/v1/streams/a/events");
    harness.server.close();
    try (InputStream body = events.body()) {
      assertTrue(new String(body.readAllBytes(), StandardCharsets.UTF_8).contains("event: state"));
    }
    assertTrue(harness.directory.listeners.isEmpty());
  }

  @Test
  void listenersAreBounded() throws IOException {
    try (ServerHarness small = new ServerHarness(limited(0, 1, 1, ""), Access.open())) {
      HttpResponse<InputStream> first = small.stream("/api/v1/streams/a/events");
      HttpResponse<String> second = small.get("/api/v1/streams/a/events");
      assertEquals(503, second.statusCode());
      assertTrue(second.body().contains("listeners-full"));
      first.body().close();
    }
  }

  @Test
  void listenersThatDoNotReadAreClosed() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", harness.server.port())) {
      socket.setReceiveBufferSize(4096);
      socket
          .getOutputStream()
          .write("GET /api/v1/streams/a/events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
      assertTrue(ServerHarness.eventually(() -> harness.directory.listeners.size() == 1));
      StateChanged large = new StateChanged(FakeDirectory.info("a".repeat(100_000), State.LIVE));
      // 20 MB do not fit in the sockets' buffers; an answer means that the loop has caught up.
      for (int i = 0; i < 20 && !harness.directory.listeners.isEmpty(); i++) {
        for (int j = 0; j < 10; j++) {
          harness.directory.tell(large);
        }
        harness.get("/health/live");
      }
      assertTrue(harness.directory.listeners.isEmpty());
    }
    assertTrue(harness.get("/metrics").body().contains("banyan_event_listeners_too_slow_total 1"));
  }

  @Test
  void requestsAreLimitedPerAddress() {
    try (ServerHarness strict = new ServerHarness(limited(1, 2, 9, "127.0.0.0/8"), Access.open())) {
      String[] alice = {"X-Forwarded-For", "198.51.100.7"};
      assertEquals(415, strict.send("POST", "/whip/a", "x", alice).statusCode());
      assertEquals(415, strict.send("POST", "/whip/a", "x", alice).statusCode());
      HttpResponse<String> third = strict.send("POST", "/whip/a", "x", alice);
      assertEquals(429, third.statusCode());
      assertEquals("1", header(third, "Retry-After"));
      assertTrue(third.body().contains("rate-limited"));
      assertEquals(
          415, strict.send("POST", "/whip/a", "x", "X-Forwarded-For", "198.51.100.8").statusCode());
      assertEquals(200, strict.get("/health/live", alice).statusCode(), "reading is not limited");
      assertTrue(strict.get("/metrics").body().contains("banyan_http_rate_limited_total 1"));
    }
  }

  @Test
  void pagesComeWithStrictHeaders() {
    harness.files.put("web/index.html", "<h1>home</h1>");
    harness.files.put("web/watch.html", "<h1>watch</h1>");
    harness.files.put("web/studio.html", "<h1>studio</h1>");
    harness.files.put("web/node.html", "<h1>node</h1>");
    HttpResponse<String> home = harness.get("/");
    assertEquals("<h1>home</h1>", home.body());
    assertEquals("text/html; charset=utf-8", header(home, "Content-Type"));
    assertEquals("no-cache", header(home, "Cache-Control"));
    String policy = header(home, "Content-Security-Policy");
    assertTrue(policy.contains("default-src 'self'") && policy.contains("connect-src *"), policy);
    assertTrue(policy.contains("media-src 'self' blob:"));
    assertFalse(policy.contains("unsafe"));
    assertEquals("nosniff", header(home, "X-Content-Type-Options"));
    assertEquals("no-referrer", header(home, "Referrer-Policy"));
    assertEquals("", header(home, "Strict-Transport-Security"));
    assertEquals("<h1>watch</h1>", harness.get("/watch/a").body());
    assertEquals("<h1>watch</h1>", harness.get("/watch/c/n").body());
    assertEquals(404, harness.get("/watch/c/n/x").statusCode());
    assertEquals(404, harness.get("/watch/").statusCode());
    assertEquals("<h1>studio</h1>", harness.get("/studio").body());
    assertEquals("<h1>node</h1>", harness.get("/node").body());
    assertEquals(304, harness.get("/", "If-None-Match", header(home, "ETag")).statusCode());
    HttpResponse<String> head = harness.send("HEAD", "/", "");
    assertEquals("13", header(head, "Content-Length"));
    assertEquals(405, harness.send("POST", "/studio", "x").statusCode());
  }

  @Test
  void hashedAssetsAreKeptForeverAndZipped() throws IOException {
    String script = "console.log('banyan');\n".repeat(100);
    harness.files.put("web/assets/main-B1x_9dQz.js", script);
    harness.files.put("web/favicon.svg", "<svg/>");
    HttpResponse<InputStream> zipped =
        harness.stream("/assets/main-B1x_9dQz.js", "Accept-Encoding", "gzip, br");
    assertEquals("gzip", header(zipped, "Content-Encoding"));
    assertEquals("public, max-age=31536000, immutable", header(zipped, "Cache-Control"));
    byte[] body = zipped.body().readAllBytes();
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      assertEquals(script, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertEquals(script, harness.get("/assets/main-B1x_9dQz.js").body());
    HttpResponse<String> icon = harness.get("/favicon.svg");
    assertEquals("image/svg+xml", header(icon, "Content-Type"));
    assertEquals("no-cache", header(icon, "Cache-Control"));
  }

  @Test
  void nothingOutsideOfTheFolderIsServed() {
    harness.files.put("web/../secret.txt", "secret");
    harness.files.put("secret.txt", "secret");
    harness.files.put("web/.hidden.txt", "secret");
    for (String path : List.of("/../secret.txt", "/%2e%2e/secret.txt", "/.hidden.txt", "//x")) {
      assertEquals(404, harness.get(path).statusCode(), path);
    }
  }

  @Test
  void browsersGetAFriendly404() {
    HttpResponse<String> page = harness.get("/nothing", "Accept", "text/html,*/*");
    assertEquals(404, page.statusCode());
    assertTrue(page.body().contains("There is nothing at this address"));
    assertTrue(header(page, "Content-Security-Policy").contains("default-src 'self'"));
  }

  @Test
  void takenPortFailsTheStart() {
    SignalingConfig same = SignalingConfig.of("127.0.0.1", harness.server.port());
    IllegalStateException failure =
        org.junit.jupiter.api.Assertions.assertThrows(
            IllegalStateException.class, () -> new ServerHarness(same, Access.open()));
    assertTrue(String.valueOf(failure.getCause()).contains("Address already in use"));
  }
}
