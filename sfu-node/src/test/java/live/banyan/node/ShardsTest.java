package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.shard.ShardCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node with one, two and four shards, and real clients: whatever the kernel delivers where. */
class ShardsTest {
  private static final int FRAMES = 40;
  private static final int BROADCASTS = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** So many that no shard is without one, whatever the fragments hash to. */
  private static final int VIEWERS = 16;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void everybodyGetsEveryFrame(int shards, @TempDir Path data) throws Exception {
    try (BanyanNode node = BanyanNode.start(NodeConfig.load(null, options(shards, data)));
        ClientHost host = ClientHost.open()) {
      URI whip = URI.create(node.http() + "/whip/shards");
      URI whep = URI.create(node.http() + "/whep/shards");
      Publisher publisher =
          started(Publisher.open(host, Publisher.Options.of(whip, PatternSource.standard())));
      assertTrue(publisher.awaitLive(PATIENCE), "the broadcast gets through");
      CountDownLatch frames = new CountDownLatch(FRAMES * VIEWERS);
      List<Viewer> viewers = new ArrayList<>();
      for (int i = 0; i < VIEWERS; i++) {
        int[] left = {FRAMES};
        viewers.add(
            watch(
                host,
                Viewer.Options.of(whep)
                    .withFrames(
                        (codec, frame) -> {
                          if (left[0]-- > 0) {
                            frames.countDown();
                          }
                        })));
      }
      assertTrue(frames.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "frames missing: " + frames);
      for (Viewer viewer : viewers) {
        WatchReport report = viewer.report();
        assertEquals(0, report.lost(), "packets lost");
        assertEquals(0, report.framesBroken(), "frames broken");
      }
      viewers.forEach(Viewer::close);
      publisher.close();
      assertEquals(0, node.shards().exceptions(), "bugs met");
      assertEquals(shards > 1, node.shards().get(ShardCounter.HANDED_OVER) > 0, "handed over");
      assertEquals(shards > 1, node.shards().get(ShardCounter.SHARED_OUT) > 0, "shared");
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there is one shard only")
  void oneShardDoesItAllWhileThatIsLittle(@TempDir Path data) throws Exception {
    try (BanyanNode node = BanyanNode.start(NodeConfig.load(null, options(0, data)));
        ClientHost host = ClientHost.open()) {
      assertEquals(Runtime.getRuntime().availableProcessors(), node.shards().count());
      Publisher publisher =
          started(
              Publisher.open(
                  host,
                  Publisher.Options.of(
                      URI.create(node.http() + "/whip/little"), PatternSource.standard())));
      assertTrue(publisher.awaitLive(PATIENCE), "the broadcast gets through");
      CountDownLatch frames = new CountDownLatch(FRAMES);
      Viewer viewer =
          watch(
              host,
              Viewer.Options.of(URI.create(node.http() + "/whep/little"))
                  .withFrames((codec, frame) -> frames.countDown()));
      assertTrue(frames.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "frames missing: " + frames);
      viewer.close();
      publisher.close();
      assertEquals(0, node.shards().get(ShardCounter.HANDED_OVER), "handed over");
      assertEquals(0, node.shards().get(ShardCounter.SHARED_OUT), "shared");
    }
  }

  /** The kernel then delivers about half of the broadcasts to a shard that has never met them. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there is one shard only")
  void whenAShardJoinsThePortNoPacketIsLost(@TempDir Path data) throws Exception {
    try (BanyanNode node = BanyanNode.start(NodeConfig.load(null, options(0, data)))) {
      assumeTrue(node.shards().count() > 1, "one processor, one shard");
      List<ClientHost> hosts = new ArrayList<>();
      List<Viewer> viewers = new ArrayList<>();
      CountDownLatch before = new CountDownLatch(BROADCASTS);
      CountDownLatch after = new CountDownLatch(BROADCASTS);
      AtomicBoolean joined = new AtomicBoolean();
      try {
        for (int i = 0; i < BROADCASTS; i++) {
          // A host is a socket, hence a flow.
          ClientHost host = ClientHost.open();
          hosts.add(host);
          Publisher publisher =
              started(
                  Publisher.open(
                      host,
                      Publisher.Options.of(
                          URI.create(node.http() + "/whip/join" + i), PatternSource.standard())));
          assertTrue(publisher.awaitLive(PATIENCE), "the broadcast gets through");
          int[] left = {FRAMES, FRAMES};
          viewers.add(
              watch(
                  host,
                  Viewer.Options.of(URI.create(node.http() + "/whep/join" + i))
                      .withFrames(
                          (codec, frame) -> {
                            int when = joined.get() ? 1 : 0;
                            if (--left[when] == 0) {
                              (when == 1 ? after : before).countDown();
                            }
                          })));
        }
        assertTrue(before.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "frames missing");
        assertEquals(0, node.shards().get(ShardCounter.HANDED_OVER), "handed over");
        assertTrue(node.shards().join(1));
        joined.set(true);
        assertTrue(after.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "frames missing");
        assertTrue(node.shards().get(ShardCounter.HANDED_OVER) > 0, "handed over");
        assertEquals(0, node.shards().get(DropReason.UNKNOWN_PEER), "datagrams of nobody");
        for (Viewer viewer : viewers) {
          assertEquals(0, viewer.report().lost(), "packets lost");
        }
      } finally {
        hosts.forEach(ClientHost::close);
      }
    }
  }

  private static Map<String, Object> options(int shards, Path data) {
    return Map.of(
        "banyan.http",
        "127.0.0.1:0",
        "banyan.udp",
        "127.0.0.1:0",
        "banyan.data",
        data.toString(),
        "banyan.access",
        "open",
        "banyan.drain-ms",
        0,
        "banyan.rate-limit.per-second",
        0,
        "banyan.media.shards",
        shards);
  }

  /** A stream is told of a moment after its publisher's media flows. */
  private static Viewer watch(ClientHost host, Viewer.Options options) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Start<Viewer> start = Viewer.open(host, options);
    while (start instanceof Start.Refused<Viewer> r
        && (r.status() == 404 || r.status() == 409)
        && System.nanoTime() - deadline < 0) {
      start = Viewer.open(host, options);
    }
    return started(start);
  }

  private static <S> S started(Start<S> start) {
    if (start instanceof Start.Started<S> running) {
      return running.session();
    }
    throw new AssertionError(start.toString());
  }
}
