package live.banyan.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import live.banyan.node.control.TransportNames;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.IoCounters;
import live.banyan.sfu.io.UdpOptions;
import live.banyan.sfu.io.UdpSockets;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.shard.Shard;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardConfig;
import live.banyan.sfu.shard.ShardCounter;
import live.banyan.sfu.shard.ShardCounters;
import live.banyan.sfu.shard.ShardEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of a node, each with a socket of its own on the one port: hands each command to the
 * shard that it concerns. A transport is on the shard that its user fragment hashes to; a track is
 * on all of them, each with the subscribers of its own transports. A shard whose socket has not
 * joined the port gets nothing. Safe from any thread.
 */
final class Shards implements Consumer<ShardCommand>, TransportNames, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Shards.class);

  private final List<DatagramIo> sockets = new ArrayList<>();
  private final List<ShardCounters> counters = new ArrayList<>();
  private final List<ShardThread> threads = new ArrayList<>();

  private final RandomGenerator secure;
  private final Placement placement;

  private final Map<Long, Integer> byTransport = new ConcurrentHashMap<>();
  private final Map<Long, Set<Long>> subscriptionsOf = new ConcurrentHashMap<>();
  private final Map<Long, Integer> bySubscription = new ConcurrentHashMap<>();
  // Where the sources of a track were added last; its packets are known best there.
  private final Map<Long, Integer> byTrack = new ConcurrentHashMap<>();

  /**
   * Opens the sockets; {@link #start} lets them be read.
   *
   * @param count of shards, at least 1
   * @param all whether all take part from the start; else one does, and others once there is much
   *     to do
   * @param secure chooses what peers must not guess
   * @throws IOException when the port is taken
   */
  Shards(
      int count,
      boolean all,
      InetSocketAddress bind,
      UdpOptions options,
      Consumer<ShardEvent> events,
      RandomGenerator.SplittableGenerator random,
      RandomGenerator secure,
      ShardConfig config)
      throws IOException {
    InetSocketAddress address = bind;
    for (int i = 0; i < count; i++) {
      DatagramIo socket;
      try {
        UdpOptions shared = options.withReusePort(count > 1);
        boolean joins = all || i == 0;
        socket = joins ? UdpSockets.open(address, shared) : UdpSockets.prepare(address, shared);
      } catch (IOException e) {
        sockets.forEach(DatagramIo::close);
        throw e;
      }
      // The first may have picked the port.
      address = new InetSocketAddress(bind.getAddress(), socket.localAddress().getPort());
      ShardCounters own = new ShardCounters();
      sockets.add(socket);
      counters.add(own);
      threads.add(
          new ShardThread(i, socket, new Shard(socket, events, random.split(), own, config)));
    }
    ShardThread.connect(threads);
    this.secure = secure;
    placement =
        new Placement(
            count,
            all ? count : 1,
            shard -> threads.get(shard).busyShare(),
            this::join,
            random.split());
  }

  /** Has a shard's socket take its part of what comes to the port. @return false where it cannot */
  boolean join(int index) {
    try {
      sockets.get(index).join();
      return true;
    } catch (IOException e) {
      log.warn("no further shard: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public IceCredentials next() {
    return credentials(placement.next(System.nanoTime()));
  }

  @Override
  public IceCredentials again(long transportId) {
    return credentials(indexOf(byTransport, transportId));
  }

  /** Some whose fragment is that shard's: drawn as many times as there are shards, in the mean. */
  private IceCredentials credentials(int index) {
    while (true) {
      IceCredentials drawn = IceCredentials.generate(secure);
      if (ShardCommand.shardOf(IceUfrag.key(drawn.ufrag()), count()) == index) {
        return drawn;
      }
    }
  }

  void start() {
    threads.forEach(ShardThread::start);
  }

  int count() {
    return threads.size();
  }

  InetSocketAddress localAddress() {
    return sockets.getFirst().localAddress();
  }

  String udpPath() {
    return sockets.getFirst().udpPath();
  }

  @Override
  public void accept(ShardCommand command) {
    switch (command) {
      case ShardCommand.OpenTransport c ->
          open(c.transportId(), ShardCommand.shardOf(IceUfrag.key(c.local().ufrag()), count()), c);
      case ShardCommand.OpenLink c -> {
        int index = placement.next(System.nanoTime());
        pass(c.local().ufrag(), index);
        open(c.transportId(), index, c);
      }
      case ShardCommand.RestartIce c -> restart(c);
      case ShardCommand.SelectLinkPath c -> toTransport(c.transportId(), c);
      case ShardCommand.Send c -> toTransport(c.transportId(), c);
      case ShardCommand.SendTo c -> toTransport(c.transportId(), c);
      case ShardCommand.InstallCipher c -> toTransport(c.transportId(), c);
      case ShardCommand.TellHeard c -> toTransport(c.transportId(), c);
      case ShardCommand.CloseTransport c -> close(c);
      case ShardCommand.OpenTrack c -> toAll(c);
      case ShardCommand.CloseTrack c -> {
        byTrack.remove(c.trackId());
        toAll(c);
      }
      case ShardCommand.AddSource c -> {
        byTrack.put(c.trackId(), indexOf(byTransport, c.transportId()));
        toTransport(c.transportId(), c);
      }
      case ShardCommand.RemoveSource c -> toTransport(c.transportId(), c);
      case ShardCommand.OpenSubscription c -> subscribe(c.subscriptionId(), c.transportId(), c);
      case ShardCommand.OpenRelay c -> subscribe(c.subscriptionId(), c.transportId(), c);
      case ShardCommand.MoveSubscription c -> to(indexOf(bySubscription, c.subscriptionId()), c);
      case ShardCommand.CloseSubscription c -> {
        Integer index = bySubscription.remove(c.subscriptionId());
        to(index == null ? 0 : index, c);
      }
      case ShardCommand.TellPositions c ->
          to(c.trackIds().isEmpty() ? 0 : indexOf(byTrack, c.trackIds().getFirst()), c);
      case ShardCommand.PassChecks c -> toAll(c);
      case ShardCommand.LimitLayer c -> to(indexOf(bySubscription, c.subscriptionId()), c);
      case ShardCommand.NeedLayer c -> to(indexOf(bySubscription, c.subscriptionId()), c);
      case ShardCommand.Prioritise c -> to(indexOf(bySubscription, c.subscriptionId()), c);
      case ShardCommand.TellLayers c -> to(indexOf(byTrack, c.trackId()), c);
      case ShardCommand.TellSound c -> to(indexOf(byTrack, c.trackId()), c);
    }
  }

  private void open(long transportId, int index, ShardCommand command) {
    byTransport.put(transportId, index);
    to(index, command);
  }

  private void restart(ShardCommand.RestartIce restart) {
    int index = indexOf(byTransport, restart.transportId());
    pass(restart.local().ufrag(), index);
    to(index, restart);
  }

  /** Whichever socket the checks come in at, they are this shard's. */
  private void pass(String ufrag, int index) {
    if (ShardCommand.shardOf(IceUfrag.key(ufrag), count()) != index) {
      toAll(new ShardCommand.PassChecks(ufrag, index));
    }
  }

  private void subscribe(long subscriptionId, long transportId, ShardCommand command) {
    bySubscription.put(subscriptionId, indexOf(byTransport, transportId));
    subscriptionsOf
        .computeIfAbsent(transportId, id -> ConcurrentHashMap.newKeySet())
        .add(subscriptionId);
    toTransport(transportId, command);
  }

  private void close(ShardCommand.CloseTransport close) {
    toTransport(close.transportId(), close);
    byTransport.remove(close.transportId());
    Set<Long> subscriptions = subscriptionsOf.remove(close.transportId());
    if (subscriptions != null) {
      subscriptions.forEach(bySubscription::remove);
    }
  }

  private void toTransport(long transportId, ShardCommand command) {
    to(indexOf(byTransport, transportId), command);
  }

  private void toAll(ShardCommand command) {
    threads.forEach(thread -> thread.accept(command));
  }

  private void to(int index, ShardCommand command) {
    threads.get(index).accept(command);
  }

  /** Of something that is gone any shard may say so. */
  private static int indexOf(Map<Long, Integer> indexes, long id) {
    Integer index = indexes.get(id);
    return index == null ? 0 : index;
  }

  // --- what they counted ------------------------------------------------------------------------

  long get(ShardCounter counter) {
    // Every shard has every track.
    return counter == ShardCounter.TRACKS
        ? counters.getFirst().get(counter)
        : sum(counters, c -> c.get(counter));
  }

  long get(DropReason reason) {
    return sum(counters, c -> c.get(reason));
  }

  long network(ToLongFunction<IoCounters> counter) {
    return sum(sockets, s -> counter.applyAsLong(s.counters()));
  }

  long refusedCommands() {
    return sum(threads, ShardThread::refusedCommands);
  }

  long exceptions() {
    return sum(threads, ShardThread::exceptions);
  }

  long allocatedBytes() {
    return sum(threads, ShardThread::allocatedBytes);
  }

  private static <T extends @Nullable Object> long sum(List<T> all, ToLongFunction<T> value) {
    return all.stream().mapToLong(value).sum();
  }

  /** Stops the threads, which close their shards and sockets. */
  @Override
  public void close() {
    threads.forEach(ShardThread::close);
  }
}
