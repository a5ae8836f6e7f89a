package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;

/**
 * Shards, publishers and viewers on one simulated network in virtual time. The same seed gives the
 * same run. Each party has the address of its number; paths between them lose, delay, reorder and
 * duplicate as told.
 */
final class MediaPlan implements AutoCloseable {
  static final long MS = 1_000_000L;

  private final Random random;
  private final Map<Integer, ShardHarness> shards = new LinkedHashMap<>();
  private final Map<Integer, PublisherParty> publishers = new LinkedHashMap<>();
  private final Map<Integer, ViewerParty> viewers = new LinkedHashMap<>();
  private final Map<Long, Path> paths = new HashMap<>();
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          (a, b) -> a.atNs != b.atNs ? Long.compare(a.atNs, b.atNs) : Long.compare(a.id, b.id));
  private long flightId;
  private long nextId = 1_000;
  long nowNs = 1_000_000_000L;

  /** How a path treats datagrams. */
  record Path(double loss, double duplication, long delayNs, long jitterNs) {}

  private record Flight(long id, long atNs, int from, int to, byte[] bytes) {}

  MediaPlan(long seed) {
    random = new Random(seed);
  }

  long id() {
    return nextId++;
  }

  static long address(int party) {
    return ShardHarness.V4 | 0x0A000000L | party;
  }

  static int port(int party) {
    return 1000 + party;
  }

  ShardHarness shard(int party) {
    return shards.computeIfAbsent(
        party,
        p -> {
          ShardHarness made =
              new ShardHarness(random.nextLong(), ShardConfig.standard(ShardHarness.WALL));
          made.nowNs = nowNs;
          return made;
        });
  }

  /** The party falls silent and hears nothing more. */
  void kill(int party) {
    ShardHarness killed = shards.remove(party);
    if (killed != null) {
      killed.close();
    }
    publishers.remove(party);
  }

  void path(int a, int b, Path path) {
    paths.put((long) a << 32 | b, path);
    paths.put((long) b << 32 | a, path);
  }

  void send(int from, int to, byte[] bytes) {
    Path path = paths.getOrDefault((long) from << 32 | to, new Path(0, 0, 5 * MS, 0));
    int copies = random.nextDouble() < path.duplication ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (random.nextDouble() >= path.loss) {
        long jitter = path.jitterNs == 0 ? 0 : random.nextLong(path.jitterNs);
        flights.add(new Flight(flightId++, nowNs + path.delayNs + jitter, from, to, bytes));
      }
    }
  }

  /** Connects a publisher of one VP8 encoding to a shard. */
  PublisherParty publish(int party, int shard, long trackId) {
    long transport = id();
    ShardHarness node = shard(shard);
    node.connect(transport, address(party), port(party));
    node.execute(new ShardCommand.OpenTrack(trackId, Codec.VP8, 1, ExtensionMap.EMPTY));
    int ssrc = 0x100 + party;
    node.execute(
        new ShardCommand.AddSource(
            trackId,
            transport,
            null,
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, ssrc, ssrc + 0x10000)),
            true,
            true,
            false));
    Publisher source = new Publisher(ssrc, ssrc + 0x10000, 96, 65_400, Map.of());
    PublisherParty publisher = new PublisherParty(this, party, shard, source);
    publishers.put(party, publisher);
    return publisher;
  }

  ViewerParty watch(int party, int shard, long trackId, boolean rtx) {
    long transport = id();
    ShardHarness node = shard(shard);
    node.connect(transport, address(party), port(party));
    long subscription = id();
    node.execute(
        new ShardCommand.OpenSubscription(
            subscription,
            transport,
            trackId,
            0x7000 + party,
            rtx ? 0x17000 + party : 0,
            "plan",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, rtx ? 121 : 0)),
            ExtensionMap.EMPTY));
    ViewerParty viewer = new ViewerParty(this, party, shard, subscription, 0x7000 + party);
    viewers.put(party, viewer);
    return viewer;
  }

  /** Links two shards. @return transport ids at the parent and at the child */
  long[] link(int parent, int child) {
    long atParent = id();
    long atChild = id();
    shard(parent).link(atParent, address(child), port(child));
    shard(child).link(atChild, address(parent), port(parent));
    return new long[] {atParent, atChild};
  }

  /** Has a child take a track from a parent over a link, from a position on or from now. */
  void relay(int parent, int child, long[] link, long trackId, long from) {
    ShardHarness childNode = shard(child);
    int ssrc = (int) id() << 4;
    childNode.execute(new ShardCommand.OpenTrack(trackId, Codec.VP8, 1, ExtensionMap.RELAY));
    childNode.execute(
        new ShardCommand.AddSource(
            trackId,
            link[1],
            null,
            Codec.VP8.relayPayloadType(),
            Codec.VP8.relayPayloadType() + 1,
            List.of(new ShardCommand.SourceLayer(null, ssrc, ssrc + 1)),
            true,
            true,
            false));
    shard(parent)
        .execute(new ShardCommand.OpenRelay(id(), link[0], trackId, 0, ssrc, ssrc + 1, from));
  }

  /** Lets time pass in steps of a millisecond. */
  void run(long ns) {
    long end = nowNs + ns;
    while (nowNs < end) {
      nowNs += MS;
      Map<Integer, List<Flight>> arrived = new LinkedHashMap<>();
      while (!flights.isEmpty() && flights.peek().atNs <= nowNs) {
        Flight flight = flights.poll();
        arrived.computeIfAbsent(flight.to, p -> new ArrayList<>()).add(flight);
      }
      for (Map.Entry<Integer, ShardHarness> entry : shards.entrySet()) {
        step(entry.getValue(), arrived.getOrDefault(entry.getKey(), List.of()));
        dispatch(entry.getKey(), entry.getValue());
      }
      for (PublisherParty publisher : publishers.values()) {
        arrived.getOrDefault(publisher.party, List.of()).forEach(f -> publisher.receive(f.bytes));
        publisher.tick(nowNs);
      }
      for (ViewerParty viewer : viewers.values()) {
        arrived.getOrDefault(viewer.party, List.of()).forEach(f -> viewer.receive(f.bytes, nowNs));
        viewer.tick(nowNs);
      }
    }
  }

  private void step(ShardHarness node, List<Flight> arrived) {
    node.nowNs = nowNs;
    for (Flight flight : arrived) {
      node.receive(flight.bytes.clone(), address(flight.from), port(flight.from));
    }
    if (!arrived.isEmpty()) {
      node.shard.onBatchEnd(nowNs);
    }
    if (node.shard.nextDeadlineNs() <= nowNs) {
      node.shard.onTimer(nowNs);
    }
  }

  private void dispatch(int from, ShardHarness node) {
    for (RecordingSink.Datagram datagram : node.sink.take()) {
      int to = datagram.port() - 1000;
      if (RtpPackets.isRtp(datagram.bytes()) || RtpPackets.isRtcp(datagram.bytes())) {
        send(from, to, datagram.bytes());
      }
    }
  }

  @Override
  public void close() {
    shards.values().forEach(ShardHarness::close);
  }
}
