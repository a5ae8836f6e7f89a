package live.banyan.mesh.site;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.UUID;

/** How a Hazelcast member of a site is set up: bound to one address, small, quick to notice. */
final class SiteMember {
  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          Map.entry("hazelcast.logging.type", "slf4j"),
          Map.entry("hazelcast.logging.details.enabled", "false"),
          Map.entry("hazelcast.phone.home.enabled", "false"),
          Map.entry("hazelcast.discovery.enabled", "false"),
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          // One address and no other: not even for outgoing connections.
          Map.entry("hazelcast.socket.bind.any", "false"),
          Map.entry("hazelcast.socket.server.bind.any", "false"),
          Map.entry("hazelcast.socket.client.bind.any", "false"),
          Map.entry("hazelcast.socket.client.bind", "true"),
          // A hung member is seen in 5 s; a dead one by its closed connections, at once.
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.max.no.heartbeat.seconds", "5"),
          Map.entry("hazelcast.connection.monitor.interval", "20"),
          Map.entry("hazelcast.connection.monitor.max.faults", "1"),
          Map.entry("hazelcast.member.list.publish.interval.seconds", "5"),
          // Start: nobody is waited for; nodes that started apart are merged soon after.
          Map.entry("hazelcast.wait.seconds.before.join", "0"),
          Map.entry("hazelcast.max.wait.seconds.before.join", "1"),
          // Only an end to trying, after which a member shuts down; on a busy machine the other's
          // answer takes seconds.
          Map.entry("hazelcast.max.join.seconds", "30"),
          // Else a member that joins sleeps for a second when a connection is still being made.
          Map.entry("hazelcast.connect.all.wait.seconds", "0"),
          Map.entry("hazelcast.tcp.join.port.try.count", "1"),
          Map.entry("hazelcast.socket.connect.timeout.seconds", "2"),
          Map.entry("hazelcast.merge.first.run.delay.seconds", "3"),
          Map.entry("hazelcast.merge.next.run.delay.seconds", "3"),
          Map.entry("hazelcast.graceful.shutdown.max.wait", "2"),
          Map.entry("hazelcast.operation.call.timeout.millis", "10000"),
          Map.entry("hazelcast.invocation.retry.pause.millis", "50"),
          // Little data and few calls: few partitions, few threads.
          Map.entry("hazelcast.partition.count", "31"),
          Map.entry("hazelcast.operation.thread.count", "1"),
          Map.entry("hazelcast.operation.generic.thread.count", "2"),
          Map.entry("hazelcast.operation.priority.generic.thread.count", "1"),
          Map.entry("hazelcast.operation.response.thread.count", "1"),
          Map.entry("hazelcast.io.thread.count", "1"),
          Map.entry("hazelcast.event.thread.count", "1"),
          Map.entry("hazelcast.event.queue.capacity", "100000"),
          Map.entry("hazelcast.clientengine.thread.count", "1"),
          Map.entry("hazelcast.clientengine.query.thread.count", "1"),
          Map.entry("hazelcast.clientengine.blocking.thread.count", "1"),
          Map.entry("hazelcast.health.monitoring.level", "OFF"),
          Map.entry("hazelcast.slow.operation.detector.enabled", "false"),
          Map.entry("hazelcast.metrics.enabled", "false"),
          Map.entry("hazelcast.jmx", "false"));

  /** Where vertx-hazelcast looks for a member's name when the instance is handed to it. */
  private static final String NAME = "__vertx.nodeId";

  private SiteMember() {}

  /** The name that a member gave itself: unlike Hazelcast's, the same after a merge. */
  static String name(Member member) {
    String name = member.getAttribute(NAME);
    return name == null ? member.getUuid().toString() : name;
  }

  /** Starts a member and joins; blocks for a second or two. */
  static HazelcastInstance start(SiteConfig config) throws SiteException {
    requireFree(config);
    try {
      return Hazelcast.newHazelcastInstance(hazelcastConfig(config));
    } catch (RuntimeException e) {
      throw new SiteException(
          "cannot start the member of site "
              + config.site()
              + " on "
              + config.host()
              + ":"
              + config.port()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Hazelcast's own words for a taken port are long and late. */
  private static void requireFree(SiteConfig config) throws SiteException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()));
    } catch (IOException e) {
      throw new SiteException(
          "cluster port "
              + config.host()
              + ":"
              + config.port()
              + " is taken or not on this machine ("
              + e.getMessage()
              + "): choose another with --cluster HOST:PORT",
          e);
    }
  }

  private static Config hazelcastConfig(SiteConfig config) {
    Config hazelcast = new Config();
    hazelcast.setClusterName(config.site());
    hazelcast.getMemberAttributeConfig().setAttribute(NAME, UUID.randomUUID().toString());
    PROPERTIES.forEach(hazelcast::setProperty);
    hazelcast.getMetricsConfig().setEnabled(false);
    hazelcast.getJetConfig().setEnabled(false);
    hazelcast.getIntegrityCheckerConfig().setEnabled(false);

    NetworkConfig network = hazelcast.getNetworkConfig();
    network.setPort(config.port()).setPortAutoIncrement(false).setReuseAddress(true);
    network.getInterfaces().setEnabled(true).addInterface(config.host());
    network.setPublicAddress(config.host() + ":" + config.port());
    JoinConfig join = network.getJoin();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
    config.join().forEach(join.getTcpIpConfig()::addMember);

    // What vertx-hazelcast's own default-cluster.xml says of the maps it keeps.
    hazelcast.addMultiMapConfig(
        new MultiMapConfig("__vertx.subs")
            .setBackupCount(1)
            .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    hazelcast.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(1));
    hazelcast.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
    return hazelcast;
  }
}
