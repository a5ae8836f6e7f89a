package live.banyan.sfu.shard;

import java.util.List;
import java.util.random.RandomGenerator;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.media.Forwarder;

/**
 * Everything that has a name on this shard, and who carries out the commands that change it. Not
 * thread safe.
 */
final class Registry {
  private final ShardCounters counters;
  private final Neighbours neighbours;
  private final Transports transports;
  private final Feeds feeds;
  private final Subscriptions subscriptions;

  Registry(
      ShardCounters counters,
      Forwarder forwarder,
      Connectivity connectivity,
      Ingress ingress,
      Repairs repairs,
      Neighbours neighbours,
      Reports reports,
      RandomGenerator random,
      ShardConfig config) {
    this.counters = counters;
    this.neighbours = neighbours;
    this.transports =
        new Transports(
            counters, forwarder, connectivity, ingress, neighbours, random, config.transportsMax());
    this.feeds = new Feeds(counters, forwarder, ingress, repairs, neighbours, transports, config);
    this.subscriptions =
        new Subscriptions(
            counters,
            forwarder,
            transports,
            feeds,
            reports,
            random,
            config.subscriptionsPerTransportMax());
  }

  Transports transports() {
    return transports;
  }

  Feeds feeds() {
    return feeds;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  void execute(ShardCommand command, long nowNs) {
    boolean done =
        switch (command) {
          case ShardCommand.OpenTransport open -> transports.open(open, nowNs);
          case ShardCommand.RestartIce restart -> transports.restart(restart);
          case ShardCommand.OpenLink open -> transports.open(open, nowNs);
          case ShardCommand.SelectLinkPath path -> transports.select(path);
          case ShardCommand.Send send -> transports.send(send);
          case ShardCommand.SendTo send -> transports.send(send);
          case ShardCommand.InstallCipher install -> transports.install(install, nowNs);
          case ShardCommand.TellHeard tell -> transports.tell(tell);
          case ShardCommand.CloseTransport close -> close(close);
          case ShardCommand.OpenTrack open -> feeds.open(open, nowNs);
          case ShardCommand.AddSource add -> feeds.add(add, nowNs);
          case ShardCommand.RemoveSource remove -> feeds.remove(remove);
          case ShardCommand.CloseTrack close -> feeds.close(close);
          case ShardCommand.OpenSubscription open -> subscriptions.open(open);
          case ShardCommand.OpenRelay open -> subscriptions.open(open);
          case ShardCommand.MoveSubscription move -> subscriptions.move(move);
          case ShardCommand.CloseSubscription close -> subscriptions.close(close);
          case ShardCommand.TellPositions tell -> feeds.tell(tell, nowNs);
          case ShardCommand.PassChecks pass -> pass(pass);
          case ShardCommand.LimitLayer limit -> subscriptions.limit(limit);
          case ShardCommand.NeedLayer need -> subscriptions.need(need);
          case ShardCommand.Prioritise prioritise -> subscriptions.prioritise(prioritise);
          case ShardCommand.TellLayers tell -> feeds.tell(tell, nowNs);
          case ShardCommand.TellSound tell -> feeds.tell(tell, nowNs);
        };
    if (!done) {
      counters.add(ShardCounter.COMMANDS_STALE, 1);
    }
    count();
  }

  private boolean pass(ShardCommand.PassChecks pass) {
    neighbours.pass(IceUfrag.key(pass.localUfrag()), pass.shard());
    return true;
  }

  private boolean close(ShardCommand.CloseTransport close) {
    Transport transport = transports.find(close.transportId());
    if (transport == null) {
      return false;
    }
    close(transport);
    return true;
  }

  /** Ends a transport with its sources and subscriptions. */
  void close(Transport transport) {
    feeds.detachAll(transport);
    subscriptions.closeAll(transport);
    transports.remove(transport);
    count();
  }

  void close() {
    for (Transport transport : List.copyOf(transports.all())) {
      close(transport);
    }
    feeds.close();
  }

  private void count() {
    counters.set(ShardCounter.TRANSPORTS, transports.all().size());
    counters.set(ShardCounter.TRACKS, feeds.size());
    counters.set(ShardCounter.SUBSCRIPTIONS, subscriptions.size());
  }
}
