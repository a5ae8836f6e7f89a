package live.banyan.mesh.site;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real members on loopback. */
@Timeout(120)
class SiteTest {
  private static final String A = "a".repeat(32);
  private static final String B = "b".repeat(32);
  private static final String C = "c".repeat(32);

  private final List<Site> open = new ArrayList<>();

  @AfterEach
  void end() {
    open.forEach(Site::close);
  }

  @Test
  void recordsReachEverybodyAndDieWithTheirMember() throws Exception {
    int first = freePort();
    Site a = start(A, first, first);
    a.directory().putStream(stream("s", 1, A));
    Site b = start(B, freePort(), first);

    assertEquals(2, b.directory().nodes().size(), "a newcomer knows the others when it is ready");
    assertEquals(A, b.directory().stream("s").orElseThrow().ingestNodeId());
    until(() -> a.directory().node(B).isPresent());

    Site c = start(C, freePort(), first);
    c.directory().putCarrier(new CarrierRecord("s", C, 1, A, List.of(A, C), 0, 1, 2));
    c.directory().putStream(stream("t", 7, C));
    until(() -> a.directory().carriers("s").size() == 1);
    until(() -> b.directory().stream("t").isPresent());

    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    a.directory()
        .listen(
            (change, key) -> {
              threads.add(Thread.currentThread());
              told.add(change + " " + key);
            });
    long killedNs = System.nanoTime();
    open.remove(c);
    c.terminate();
    until(() -> a.directory().node(C).isEmpty());
    long noticedMs = (System.nanoTime() - killedNs) / 1_000_000;
    assertTrue(noticedMs < 3_000, "a dead member was noticed after " + noticedMs + " ms");
    assertTrue(a.directory().carriers("s").isEmpty());
    assertTrue(a.directory().stream("t").isEmpty());
    assertTrue(a.directory().stream("s").isPresent(), "the living keep theirs");
    assertEquals("CARRIER s", told.poll(1, TimeUnit.SECONDS));
    assertEquals("STREAM t", told.poll(1, TimeUnit.SECONDS));
    assertEquals("NODE_LEFT " + C, told.poll(1, TimeUnit.SECONDS));
    assertEquals(1, threads.stream().distinct().count(), "one thread calls listeners");
    assertTrue(threads.take().getName().startsWith("banyan-"));
  }

  @Test
  void aChangeAndAWithdrawalAreSeenElsewhere() throws Exception {
    int first = freePort();
    Site a = start(A, first, first);
    Site b = start(B, freePort(), first);
    until(() -> a.directory().node(B).isPresent());
    b.directory().putStream(stream("s", 1, B));
    until(() -> a.directory().stream("s").isPresent());
    a.directory().putStream(stream("s", 2, A));
    until(() -> b.directory().stream("s").orElseThrow().epoch() == 2);
    assertEquals(2, a.directory().stream("s").orElseThrow().epoch());

    b.directory().removeStream("s");
    a.directory().removeStream("s");
    until(() -> a.directory().streams().isEmpty() && b.directory().streams().isEmpty());
    a.directory().announce(node(A, true));
    until(() -> b.directory().node(A).orElseThrow().draining());
  }

  @Test
  void requestsAreAnsweredAcrossTheBus() throws Exception {
    int first = freePort();
    Site a = start(A, first, first);
    Site b = start(B, freePort(), first);
    b.directory()
        .answer(
            "shout",
            request ->
                CompletableFuture.completedFuture(
                    (request.fromNodeId()
                            + new String(request.body(), UTF_8).toUpperCase(Locale.ROOT))
                        .getBytes(UTF_8)));
    byte[] expected = (A + "X").getBytes(UTF_8);
    // A busy machine may miss the 2 s once.
    until(() -> Arrays.equals(expected, ask(a, "shout")));

    assertThrows(
        ExecutionException.class,
        () -> a.directory().request(B, "other", new byte[1]).toCompletableFuture().get());
    assertThrows(
        ExecutionException.class,
        () -> a.directory().request(C, "shout", new byte[1]).toCompletableFuture().get());
    assertThrows(
        ExecutionException.class,
        () -> a.directory().request(B, "shout", new byte[16385]).toCompletableFuture().get());

    b.directory().answer("never", request -> new CompletableFuture<>());
    long askedNs = System.nanoTime();
    assertThrows(
        ExecutionException.class,
        () -> a.directory().request(B, "never", new byte[1]).toCompletableFuture().get());
    long tookMs = (System.nanoTime() - askedNs) / 1_000_000;
    assertTrue(tookMs > 1_500 && tookMs < 6_000, "gave up after " + tookMs + " ms");
  }

  @Test
  void halvesThatStartedApartGrowTogether() throws Exception {
    int portA = freePort();
    int portB = freePort();
    Site a = start(A, portA, portA);
    Site b = start(B, portB, portB);
    assertEquals(1, b.directory().nodes().size());
    // Hazelcast's own merge finds others by the join list; hand it the address it did not have.
    a.hazelcast()
        .getConfig()
        .getNetworkConfig()
        .getJoin()
        .getTcpIpConfig()
        .addMember("127.0.0.1:" + portB);
    b.hazelcast()
        .getConfig()
        .getNetworkConfig()
        .getJoin()
        .getTcpIpConfig()
        .addMember("127.0.0.1:" + portA);
    until(() -> a.directory().nodes().size() == 2 && b.directory().nodes().size() == 2);
  }

  @Test
  void nothingListensOnAllAddresses() throws Exception {
    int port = freePort();
    List<String> before = listening();
    start(A, port, port);
    List<String> opened = listening();
    opened.removeAll(before);
    assertTrue(opened.size() >= 2, "the member and the event bus listen: " + opened);
    assertTrue(
        opened.stream().anyMatch(a -> a.endsWith(String.format(":%04X", port))), opened.toString());
    for (String address : opened) {
      String host = address.substring(0, address.indexOf(':'));
      assertTrue(
          host.equals("0100007F") || host.equals("0000000000000000FFFF00000100007F"),
          "listening on " + address);
    }
  }

  @Test
  void aTakenPortIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();
      SiteException e = assertThrows(SiteException.class, () -> start(A, port, port));
      assertTrue(String.valueOf(e.getMessage()).contains("127.0.0.1:" + port), e.getMessage());
    }
  }

  private static byte[] ask(Site site, String topic) {
    return site.directory()
        .request(B, topic, "x".getBytes(UTF_8))
        .exceptionally(e -> new byte[0])
        .toCompletableFuture()
        .join();
  }

  private Site start(String id, int port, int join) throws SiteException {
    Site site =
        Site.start(
            new SiteConfig("test", "127.0.0.1", port, List.of("127.0.0.1:" + join)),
            node(id, false),
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2),
            new PrometheusRegistry());
    open.add(site);
    return site;
  }

  private static NodeRecord node(String id, boolean draining) {
    return new NodeRecord(
        id, "http://127.0.0.1:1", List.of("127.0.0.1:2"), "AA:BB", 3, draining, 1);
  }

  private static StreamRecord stream(String name, long epoch, String ingest) {
    return new StreamRecord(name, epoch, ingest, true, 5, "{}");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }

  /** Local addresses of this machine's listening TCP sockets, as the kernel writes them. */
  private static List<String> listening() throws IOException {
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      Path path = Path.of(table);
      if (Files.exists(path)) {
        Files.readAllLines(path).stream()
            .map(line -> line.strip().split(" +"))
            .filter(field -> field[3].equals("0A") && isOurs(field[9]))
            .forEach(field -> addresses.add(field[1]));
      }
    }
    return addresses;
  }

  /** Other programs of the machine may open ports meanwhile. */
  private static boolean isOurs(String inode) {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.anyMatch(
          fd -> {
            try {
              return Files.readSymbolicLink(fd).toString().equals("socket:[" + inode + "]");
            } catch (IOException e) {
              return false;
            }
          });
    } catch (IOException e) {
      return false;
    }
  }

  private static void until(BooleanSupplier condition) throws Exception {
    long deadlineNs = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("did not happen within 20 s");
      }
      new CompletableFuture<Void>().completeOnTimeout(null, 5, TimeUnit.MILLISECONDS).get();
    }
  }
}
