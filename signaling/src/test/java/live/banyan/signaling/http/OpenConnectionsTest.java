package live.banyan.signaling.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import live.banyan.signaling.auth.Access;
import org.junit.jupiter.api.Test;

/** Whoever opens connections and asks for nothing keeps nobody out. */
class OpenConnectionsTest {
  private static final String HEALTH = "HEAD /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String EVENTS = "GET /api/v1/streams/s/events HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final int TIMEOUT_MS = 5_000;

  private static ServerHarness server(int connectionsMax, int headMs, String... proxies) {
    return new ServerHarness(
        new SignalingConfig(
            "127.0.0.1",
            0,
            null,
            List.of(proxies).stream().map(Cidr::parse).toList(),
            1024,
            headMs,
            1_000,
            0,
            1,
            1,
            9,
            connectionsMax,
            List.of(),
            false),
        Access.open());
  }

  /** Sends bytes on a new connection. */
  private static Socket connect(ServerHarness server, String bytes) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.server.port());
    socket.setSoTimeout(TIMEOUT_MS);
    send(socket, bytes);
    return socket;
  }

  private static void send(Socket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(US_ASCII));
  }

  /** Reads the head of a response. */
  private static void assertAnswers(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, "closed after " + head);
      head.append((char) next);
    }
    assertTrue(head.toString().startsWith("HTTP/1.1 200"), head.toString());
  }

  private static void assertClosed(Socket socket) throws IOException {
    assertEquals(-1, socket.getInputStream().read());
  }

  private static double metric(ServerHarness server, String name) {
    String start = "banyan_http_connections_" + name + " ";
    return server
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNewcomerTakesThePlaceOfWhomHasWaitedLongest() throws IOException {
    try (ServerHarness server = server(2, 60_000);
        Socket first = connect(server, "GET /health");
        Socket second = connect(server, HEALTH)) {
      assertAnswers(second); // and waits again, for a shorter time
      try (Socket third = connect(server, HEALTH)) {
        assertAnswers(third);
        assertClosed(first);
        send(second, HEALTH);
        assertAnswers(second);
      }
      assertEquals(0, metric(server, "refused_total"));
      assertTrue(metric(server, "abandoned_total") >= 1);
    }
  }

  @Test
  void whoHasAskedBeforeIsKeptLonger() throws IOException {
    try (ServerHarness server = server(2, 60_000);
        Socket known = connect(server, HEALTH)) {
      assertAnswers(known);
      try (Socket silent = connect(server, "GET /health");
          Socket newcomer = connect(server, HEALTH)) {
        assertClosed(silent);
        assertAnswers(newcomer);
        send(known, HEALTH);
        assertAnswers(known);
      }
    }
  }

  @Test
  void whoIsBeingAnsweredKeepsItsPlace() throws IOException {
    try (ServerHarness server = server(1, 60_000);
        Socket first = connect(server, EVENTS)) {
      assertAnswers(first);
      try (Socket second = connect(server, "")) {
        assertClosed(second);
      }
      first.setSoTimeout(100);
      try {
        while (first.getInputStream().read() >= 0) {
          // The head, and perhaps an event.
        }
        throw new AssertionError("the first connection was closed");
      } catch (SocketTimeoutException open) {
        first.close();
      }
      assertTrue(ServerHarness.eventually(() -> server.get("/health/live").statusCode() == 200));
      // The second's, and those that asked before the first one's end had come through.
      assertTrue(metric(server, "refused_total") >= 1);
    }
  }

  @Test
  void aHeadThatTakesTooLongIsNotAwaited() throws IOException {
    try (ServerHarness server = server(9, 100);
        Socket silent = connect(server, "");
        Socket slow = connect(server, "GET /health/live HTTP/1.1\r\nHost")) {
      assertClosed(silent);
      assertClosed(slow);
      assertEquals(2, metric(server, "abandoned_total"));
      assertEquals(1, metric(server, "open"));
    }
  }

  @Test
  void oneAddressMayHaveFewThatWait() throws IOException {
    try (ServerHarness server = server(10_000, 60_000);
        ServerHarness behind = server(10_000, 60_000, "127.0.0.0/8")) {
      assertEquals(OpenConnections.WAITING_PER_ADDRESS, openOfTooMany(server), "a household's");
      assertEquals(OpenConnections.WAITING_PER_ADDRESS + 21, openOfTooMany(behind), "a proxy's");
    }
  }

  /** Opens 20 more than may wait, and says how many are left with the one that asks for it. */
  private static double openOfTooMany(ServerHarness server) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < OpenConnections.WAITING_PER_ADDRESS + 20; i++) {
        sockets.add(connect(server, "GET /"));
      }
      return metric(server, "open");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
