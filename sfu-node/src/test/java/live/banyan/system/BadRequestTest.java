package live.banyan.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.ClipSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.dtls.DtlsIdentity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a node that asks for tokens answers to requests that it cannot fulfil, and to clients that
 * do not mean to finish theirs.
 */
@Tag("system")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SDP = "application/sdp";
  private static final String FRAGMENT = "application/trickle-ice-sdpfrag";

  /** Files and sockets that the system lets this node have. */
  private static final int DESCRIPTORS = 1_200;

  private final TestNode node;
  private final NodeApi api;
  private final String publish;
  private final String watch;
  private final DtlsFingerprint fingerprint;
  private final String offer;
  private final ClientHost host;
  private final Publisher publisher;
  private final Audience audience;

  BadRequestTest(@TempDir Path directory) throws Exception {
    int port = FreePorts.one();
    TestNode.Plan plan =
        new TestNode.Plan(
            "tokens",
            directory,
            "127.0.0.1",
            port,
            0,
            "",
            List.of(),
            List.of("banyan.access = tokens"),
            List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + " && exec \"$@\"", "sh"));
    node = TestNode.start(plan).awaitReady();
    api = node.api();
    Path data = directory.resolve("tokens");
    publish = Program.token(data, "--publish", "live");
    watch = Program.token(data, "--watch", "live");
    fingerprint = DtlsIdentity.generate(new SecureRandom()).fingerprint();
    offer = HandMadeSession.offer(fingerprint, "VP8");
    host = ClientHost.open();
    publisher =
        Publisher.start(
            Publisher.Options.of(api.whip("live"), ClipSource.bundled()).withToken(publish));
    api.awaitLive("live");
    audience = join();
    audience.awaitFrames("the first frames", 0);
  }

  @AfterAll
  void stop() throws Exception {
    audience.close();
    publisher.close();
    host.close();
    node.close();
  }

  @AfterEach
  void theViewerHasNoticedNothing() throws Exception {
    audience.awaitFrames("frames afterwards", System.nanoTime());
    assertEquals(0, audience.report().lost());
    assertEquals(0, audience.report().framesBroken());
  }

  private Audience join() throws IOException, InterruptedException {
    return Audience.watch(host, Viewer.Options.of(api.whep("live")).withToken(watch));
  }

  private static HttpResponse<String> send(
      String method, URI uri, String token, String type, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", type);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return NodeApi.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> watch(String token, String type, String body)
      throws IOException, InterruptedException {
    return send("POST", api.whep("live"), token, type, body);
  }

  /** The status is right, and one sentence says what to do (RFC 9457). */
  private static void assertProblem(int status, HttpResponse<String> response) throws IOException {
    String said = response.statusCode() + " " + response.body();
    assertEquals(status, response.statusCode(), said);
    assertEquals(
        "application/problem+json", response.headers().firstValue("Content-Type").orElse(""), said);
    JsonNode problem = JSON.readTree(response.body());
    assertEquals(status, problem.path("status").asInt(), said);
    assertFalse(problem.path("title").asText().isEmpty(), said);
    String detail = problem.path("detail").asText();
    assertTrue(detail.matches("[A-Z].{15,200}[.]"), "a sentence: " + said);
    assertFalse(detail.contains("Exception"), "words, not insides: " + said);
  }

  @Test
  void offersThatMakeNoSense() throws Exception {
    assertProblem(400, watch(watch, SDP, ""));
    assertProblem(400, watch(watch, SDP, "v=0\r\nthis is no SDP\r\n"));
    assertProblem(400, watch(watch, SDP, offer.replaceAll("a=ice-ufrag.*\r\n", "")));
    assertProblem(400, watch(watch, SDP, offer.replaceAll("a=fingerprint.*\r\n", "")));
    assertProblem(400, send("POST", api.whip("live"), publish, SDP, "{}"));
    byte[] noise = new byte[2_000];
    new Random(5).nextBytes(noise);
    assertProblem(400, watch(watch, SDP, new String(noise, US_ASCII)));
    assertProblem(413, watch(watch, SDP, offer + "a=x\r\n".repeat(20_000)));
    assertProblem(413, watch(watch, SDP, "a".repeat(1_000_000)));
    assertProblem(415, watch(watch, "application/json", offer));
    assertProblem(415, watch(watch, "text/plain", offer));
  }

  @Test
  void offersThatCannotBeAnswered() throws Exception {
    assertProblem(422, watch(watch, SDP, HandMadeSession.offer(fingerprint, "H263")));
    assertProblem(
        422,
        send(
            "POST",
            api.whip("live"),
            publish,
            SDP,
            HandMadeSession.offer(fingerprint, "H263").replace("recvonly", "sendonly")));
    String every = Program.token(node.data(), "--watch", "*");
    assertProblem(404, send("POST", api.whep("nobody"), every, SDP, offer));
    assertProblem(404, send("POST", api.whep("no/such/name"), every, SDP, offer));
    assertProblem(404, send("POST", api.whep("white%20space"), every, SDP, offer));
    assertProblem(405, send("PUT", api.whep("live"), watch, SDP, offer));
  }

  @Test
  void tokensThatDoNotDo() throws Exception {
    String brief = Program.token(node.data(), "--watch", "live", "--for", "1s");
    String others = Program.token(node.data(), "--watch", "other");
    assertProblem(401, watch("", SDP, offer));
    assertProblem(401, watch("no.such.token", SDP, offer));
    assertProblem(401, watch(watch.substring(0, watch.length() - 4) + "AAAA", SDP, offer));
    assertProblem(403, watch(others, SDP, offer));
    assertProblem(403, send("POST", api.whip("live"), watch, SDP, offer));
    Eventually.until(
        "the token to end", Program.PATIENCE, () -> watch(brief, SDP, "").statusCode() == 401);
    assertProblem(401, watch(brief, SDP, offer));
  }

  @Test
  void sessionsThatAreNotThere() throws Exception {
    HandMadeSession session = HandMadeSession.join(api.whep("live"), watch, fingerprint);
    URI resource = session.resource();
    URI unknown = api.uri("/sessions/0123456789abcdef");
    String fragment = "a=ice-ufrag:new1\r\na=ice-pwd:anotherPasswordOf24Chars\r\n";
    assertProblem(404, send("PATCH", unknown, watch, FRAGMENT, fragment, "If-Match", "*"));
    assertProblem(404, send("DELETE", unknown, watch, SDP, ""));
    assertProblem(401, send("DELETE", resource, "", SDP, ""));
    assertProblem(428, send("PATCH", resource, watch, FRAGMENT, fragment));
    assertProblem(412, send("PATCH", resource, watch, FRAGMENT, fragment, "If-Match", "\"old\""));
    assertProblem(415, send("PATCH", resource, watch, SDP, fragment, "If-Match", "*"));
    assertProblem(400, send("PATCH", resource, watch, FRAGMENT, "a=nothing", "If-Match", "*"));
    assertEquals(200, send("DELETE", resource, watch, SDP, "").statusCode());
    assertProblem(404, send("DELETE", resource, watch, SDP, ""));
  }

  @Test
  void requestsThatAreNoHttp() throws Exception {
    String name = "x".repeat(20_000);
    assertEquals(400, answer("\0\1\2 garbage\r\n\r\n"));
    assertEquals(400, answer("GET / HTTP/1.1\r\nHost x\r\n\r\n"));
    assertEquals(414, answer("GET /" + name + " HTTP/1.1\r\n\r\n"));
    assertEquals(431, answer("GET / HTTP/1.1\r\nHost: x\r\nX: " + name + "\r\n\r\n"));
  }

  /** The status that these bytes get. */
  private int answer(String bytes) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", node.udpPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes.getBytes(US_ASCII));
      return Integer.parseInt(
          new String(socket.getInputStream().readNBytes(12), US_ASCII).substring(9));
    }
  }

  /**
   * More connections than the node may have, first from one address, then from many; some send
   * nothing, some half a head, some half a body.
   */
  @Test
  void requestsThatNeverEndKeepNobodyOut() throws Exception {
    for (int addresses : new int[] {1, 50}) {
      List<Socket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i < 2 * DESCRIPTORS; i++) {
          sockets.add(loris(i, "127.0.1." + (1 + i % addresses)));
        }
        long begin = System.nanoTime();
        try (Audience late = join()) {
          late.awaitFrames("a newcomer's frames", 0);
          Figures.print(
              sockets.size()
                  + " half-open connections of "
                  + addresses
                  + ": a viewer's half second",
              Figures.ms(System.nanoTime() - begin),
              "ms");
        }
        assertTrue(api.metric("banyan_http_connections_abandoned_total") > 0);
        Figures.print("the same: resident memory", node.residentMb(), "MB");
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
    assertEquals(0.0, api.metric("banyan_http_connections_refused_total"));
  }

  private Socket loris(int i, String from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress("127.0.0.1", node.udpPort()), 10_000);
    String head = "POST /whep/live HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\n";
    String said =
        switch (i % 3) {
          case 0 -> "";
          case 1 -> head;
          default ->
              head + "Authorization: Bearer " + watch + "\r\nContent-Length: 999\r\n\r\nv=0\r\n";
        };
    try {
      socket.getOutputStream().write(said.getBytes(US_ASCII));
    } catch (IOException closed) {
      // By the node, which is right in doing so.
    }
    return socket;
  }
}
