package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.ice.IceLite;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.ice.StunIntegrity;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.Track;
import org.jspecify.annotations.Nullable;

/**
 * The transports of this shard, to viewers, publishers and nodes, and the commands that change
 * them. The commands answer false where they name what is gone. Not thread safe.
 */
final class Transports {
  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Connectivity connectivity;
  private final Ingress ingress;
  private final Neighbours neighbours;
  private final RandomGenerator random;
  private final int max;
  private final Map<Long, Transport> byId = new HashMap<>();
  private final List<Transport> all = new ArrayList<>();
  private final List<Transport> reporting = new ArrayList<>();

  /** One of each link at most, and for one turn. */
  private final List<ShardCommand.TellHeard> questions = new ArrayList<>();

  Transports(
      ShardCounters counters,
      Forwarder forwarder,
      Connectivity connectivity,
      Ingress ingress,
      Neighbours neighbours,
      RandomGenerator random,
      int max) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.connectivity = connectivity;
    this.ingress = ingress;
    this.neighbours = neighbours;
    this.random = random;
    this.max = max;
  }

  List<Transport> all() {
    return all;
  }

  /** Transports whose senders want arrival feedback. */
  List<Transport> reporting() {
    return reporting;
  }

  @Nullable Transport find(long transportId) {
    return byId.get(transportId);
  }

  boolean open(ShardCommand.OpenTransport open, long nowNs) {
    if (all.size() >= max) {
      return counters.refused();
    }
    IceLite agent = new IceLite(open.local(), open.remote());
    Transport transport = transport(open.transportId(), false, nowNs);
    transport.ice = agent;
    return register(transport, agent.localUfragKey());
  }

  boolean open(ShardCommand.OpenLink open, long nowNs) {
    if (all.size() >= max) {
      return counters.refused();
    }
    Transport transport = transport(open.transportId(), true, nowNs);
    transport.linkUfragKey = IceUfrag.key(open.local().ufrag());
    transport.linkIntegrity = new StunIntegrity(open.local().password());
    return register(transport, transport.linkUfragKey);
  }

  private Transport transport(long id, boolean link, long nowNs) {
    int localSsrc = random.nextInt(1, Integer.MAX_VALUE);
    return new Transport(id, link, localSsrc, nowNs);
  }

  private boolean register(Transport transport, long ufragKey) {
    if (byId.containsKey(transport.id) || !connectivity.register(ufragKey, transport)) {
      return false;
    }
    byId.put(transport.id, transport);
    all.add(transport);
    return true;
  }

  boolean tell(ShardCommand.TellHeard tell) {
    return byId.containsKey(tell.transportId()) && questions.add(tell);
  }

  /** What has arrived is read: answers who asked when a transport was last heard. */
  void answerQuestions() {
    if (questions.isEmpty()) {
      return;
    }
    for (ShardCommand.TellHeard asked : questions) {
      Transport transport = byId.get(asked.transportId());
      if (transport != null) {
        asked.answer().accept(transport.lastAuthenticatedNs);
      }
    }
    questions.clear();
  }

  boolean restart(ShardCommand.RestartIce restart) {
    Transport transport = byId.get(restart.transportId());
    if (transport == null || transport.link) {
      return false;
    }
    IceLite next = new IceLite(restart.local(), restart.remote());
    if (!connectivity.register(next.localUfragKey(), transport)) {
      return false;
    }
    IceLite abandoned = transport.nextIce;
    if (abandoned != null) {
      connectivity.unregister(abandoned.localUfragKey(), transport);
    }
    transport.nextIce = next;
    return true;
  }

  boolean select(ShardCommand.SelectLinkPath path) {
    Transport transport = byId.get(path.transportId());
    if (transport == null || !transport.link) {
      return false;
    }
    transport.addAddress(
        connectivity.addresses(), path.addressHigh(), path.addressLow(), path.port());
    transport.select(path.addressHigh(), path.addressLow(), path.port());
    neighbours.claim(path.addressHigh(), path.addressLow(), path.port());
    return true;
  }

  boolean send(ShardCommand.Send send) {
    Transport transport = byId.get(send.transportId());
    if (transport == null) {
      return false;
    }
    connectivity.send(transport, send.datagram());
    return true;
  }

  boolean send(ShardCommand.SendTo send) {
    Transport transport = byId.get(send.transportId());
    if (transport == null || !transport.link) {
      return false;
    }
    connectivity.sendStun(
        transport, send.datagram(), send.addressHigh(), send.addressLow(), send.port());
    return true;
  }

  boolean install(ShardCommand.InstallCipher install, long nowNs) {
    Transport transport = byId.get(install.transportId());
    if (transport == null) {
      install.cipher().close();
      return false;
    }
    transport.install(install.cipher());
    transport.nextReportNs = nowNs + random.nextLong(200_000_000);
    ingress.onKeys(transport, nowNs);
    for (Transport.OpenSubscription entry : transport.subscriptions) {
      Track track = entry.subscription().track();
      if (track != null) {
        forwarder.mark(track);
      }
    }
    return true;
  }

  /** Notes the arrivals of what comes over a transport, for feedback to its sender. */
  void report(Transport transport, int twccExtensionId) {
    if (transport.twcc == null) {
      transport.twcc = new TwccArrivals();
      transport.twccExtensionId = twccExtensionId;
      reporting.add(transport);
    }
  }

  /** Ends a transport whose sources and subscriptions are gone already. */
  void remove(Transport transport) {
    connectivity.unregister(transport);
    ingress.onClosed(transport);
    transport.close(connectivity.addresses());
    byId.remove(transport.id);
    all.remove(transport);
    reporting.remove(transport);
  }
}
