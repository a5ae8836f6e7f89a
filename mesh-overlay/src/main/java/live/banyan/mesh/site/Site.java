package live.banyan.mesh.site;

import com.hazelcast.core.HazelcastInstance;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's membership of its site: a Hazelcast member, Vert.x clustered over it, and the directory.
 */
public final class Site implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Site.class);
  private static final long VERTX_TIMEOUT_MS = 30_000;
  private static final long FIRST_RECORDS_TIMEOUT_MS = 1_000;

  private final HazelcastInstance hazelcast;
  private final Vertx vertx;
  private final SiteDirectory directory;

  private Site(HazelcastInstance hazelcast, Vertx vertx, SiteDirectory directory) {
    this.hazelcast = hazelcast;
    this.vertx = vertx;
    this.directory = directory;
  }

  /**
   * Joins, or founds, a site. Blocks for about two seconds; on return the records of the members
   * that were there are in the directory.
   *
   * @param self what this node tells at first; may be announced again when its ports are known
   * @param options for Vert.x; the event bus' addresses in it are overwritten
   * @throws SiteException when the port is taken or the members refuse
   */
  public static Site start(
      SiteConfig config, NodeRecord self, VertxOptions options, PrometheusRegistry registry)
      throws SiteException {
    HazelcastInstance hazelcast = SiteMember.start(config);
    try {
      options.setEventBusOptions(
          new EventBusOptions().setHost(config.host()).setPort(0).setReconnectAttempts(0));
      Vertx vertx =
          await(
              Vertx.builder()
                  .with(options)
                  .withClusterManager(new HazelcastClusterManager(hazelcast))
                  .buildClustered()
                  .toCompletionStage(),
              VERTX_TIMEOUT_MS);
      SiteDirectory directory =
          new SiteDirectory(hazelcast, vertx, self, new SiteMetrics(registry));
      awaitFirstRecords(directory.start());
      return new Site(hazelcast, vertx, directory);
    } catch (TimeoutException e) {
      hazelcast.getLifecycleService().terminate();
      throw new SiteException(
          "site "
              + config.site()
              + " cannot be joined: its event bus did not start within "
              + VERTX_TIMEOUT_MS / 1_000
              + " s; is this machine overloaded, or a member of the site stuck?",
          e);
    } catch (ExecutionException e) {
      hazelcast.getLifecycleService().terminate();
      throw new SiteException("site " + config.site() + " cannot be joined: " + e.getMessage(), e);
    }
  }

  /** Vert.x, clustered; closed with the site. */
  public Vertx vertx() {
    return vertx;
  }

  public Directory directory() {
    return directory;
  }

  /** Leaves the site: the others see this node's records go at once. Blocks shortly. */
  @Override
  public void close() {
    directory.close();
    try {
      await(vertx.close().toCompletionStage(), VERTX_TIMEOUT_MS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the event bus did not close in time: {}", e.toString());
    }
    hazelcast.shutdown();
  }

  /** Ends the member as a crash would, for tests. */
  void terminate() {
    directory.close();
    hazelcast.getLifecycleService().terminate();
  }

  HazelcastInstance hazelcast() {
    return hazelcast;
  }

  private static void awaitFirstRecords(CompletionStage<Void> first) throws ExecutionException {
    try {
      await(first, FIRST_RECORDS_TIMEOUT_MS);
    } catch (TimeoutException e) {
      LOG.warn("a member of the site has not told its records yet; starting without");
    }
  }

  private static <T> T await(CompletionStage<T> stage, long timeoutMs)
      throws ExecutionException, TimeoutException {
    try {
      return stage.toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionException(e);
    }
  }
}
