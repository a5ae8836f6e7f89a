package live.banyan.mesh.sim.dht;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.kademlia.Contact;
import live.banyan.mesh.kademlia.DhtAction;
import live.banyan.mesh.kademlia.DhtCodec;
import live.banyan.mesh.kademlia.DhtConfig;
import live.banyan.mesh.kademlia.DhtEvent;
import live.banyan.mesh.kademlia.DhtMessage;
import live.banyan.mesh.kademlia.Kademlia;
import live.banyan.mesh.kademlia.Point;
import live.banyan.mesh.record.Delegation;
import live.banyan.mesh.record.LinkPlace;
import live.banyan.mesh.record.SealedRecord;
import live.banyan.mesh.record.StreamLink;
import live.banyan.mesh.record.StreamRecord;
import live.banyan.mesh.record.Validity;
import live.banyan.mesh.record.Writer;
import live.banyan.mesh.wire.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Nodes join through eight others each, some of them lie, one publishes a record that the liars
 * have gathered around, makes it anew every 20 s, and others look for it. Honest nodes are {@link
 * Kademlia}; time, latency and chance follow from the seed, so the same seed gives the same result.
 */
public final class DhtAttack {
  private static final long MS = 1_000_000L;
  private static final long WALL_MS = 1_800_000_000_000L;
  private static final int BOOTSTRAPS = 8;
  private static final long JOIN_EVERY_NS = 2 * MS;
  private static final long SETTLE_NS = 15_000 * MS;
  private static final long REFRESH_NS = Validity.REFRESH_MS * MS;

  /** The id of every PUT; those of GETs count from 1. */
  private static final long PUT = 0;

  private static final long PUT_NS = 5_000 * MS;
  private static final long GET_EVERY_NS = 200 * MS;
  private static final long GET_NS = 5_000 * MS;

  /** 15 ms and the mean distance of two points in a square of this side make 75 ms. */
  private static final double SIDE_MS = 115;

  private static final double LEAST_MS = 15;
  private static final int ASKED_BYTES = 70;

  private record Event(long atNs, long order, int node, @Nullable Endpoint from, DhtEvent event) {}

  private record Coordinates(double x, double y) {}

  private final SplittableRandom random;
  private final int count;
  private final PriorityQueue<Event> queue =
      new PriorityQueue<>(
          (a, b) ->
              a.atNs != b.atNs ? Long.compare(a.atNs, b.atNs) : Long.compare(a.order, b.order));
  private final List<@Nullable Kademlia> honest = new ArrayList<>();
  private final List<@Nullable Liar> liars = new ArrayList<>();
  private final List<Contact> contacts = new ArrayList<>();
  private final List<Coordinates> places = new ArrayList<>();
  private final List<Long> wakes = new ArrayList<>();
  private final Map<Endpoint, Integer> byEndpoint = new HashMap<>();
  private final Map<Long, Long> startedNs = new HashMap<>();
  private final Map<Long, Long> tookNs = new HashMap<>();
  private final StreamLink link;
  private final SigningKey channel;
  private final Signed delegation;
  private final Writer writer;
  private final Point target;
  private long nowNs;
  private long order;
  private int honestReplicas = Integer.MAX_VALUE;

  private DhtAttack(int count, double lying, int networks, long seed) {
    this.random = new SplittableRandom(seed);
    this.count = count;
    this.channel = SigningKey.generate(random);
    this.link = new StreamLink(channel.publicKey(), "live", new byte[0]);
    this.delegation =
        Delegation.sign(channel, channel.publicKey(), "", WALL_MS, WALL_MS + 86_400_000, 1);
    this.writer = new Writer(LinkPlace.of(link, WALL_MS), random);
    this.target = Point.of(writer.place().target());
    populate(lying, networks);
  }

  /**
   * Runs it.
   *
   * @param nodes honest and lying, at least 20
   * @param lying share of liars, 0 to 1
   * @param networks that each liar chooses from, 1 or more: it takes the one nearest to the target
   * @param gets made by honest nodes, five each second
   */
  public static DhtMeasures run(int nodes, double lying, int networks, int gets, long seed) {
    return new DhtAttack(nodes, lying, networks, seed).run(gets);
  }

  private void populate(double lying, int networks) {
    Crowd crowd = new Crowd(target, networks, random);
    for (int i = 0; i < count; i++) {
      boolean lies = i >= BOOTSTRAPS && random.nextDouble() < lying;
      Contact contact;
      do {
        contact = lies ? crowd.ground() : crowd.anywhere();
      } while (byEndpoint.putIfAbsent(contact.endpoint(), i) != null);
      contacts.add(contact);
      places.add(new Coordinates(random.nextDouble() * SIDE_MS, random.nextDouble() * SIDE_MS));
      wakes.add(Long.MAX_VALUE);
      if (lies) {
        crowd.enlist(contact);
        honest.add(null);
        liars.add(new Liar(contact, crowd));
      } else {
        DhtConfig config = DhtConfig.standard(WALL_MS);
        honest.add(new Kademlia(contact.nodeId(), contact.endpoint(), false, config, random, 0));
        liars.add(null);
      }
    }
    crowd.assemble();
  }

  private DhtMeasures run(int gets) {
    for (int i = 1; i < count; i++) {
      List<Endpoint> known = new ArrayList<>();
      for (int b = 0; b < BOOTSTRAPS; b++) {
        known.add(contacts.get(random.nextInt(i)).endpoint());
      }
      post(i * JOIN_EVERY_NS, i, null, new DhtEvent.Join(known.stream().distinct().toList()));
    }
    runUntil(count * JOIN_EVERY_NS + SETTLE_NS);
    int publisher = anyHonest();
    long endNs = nowNs + PUT_NS + gets * GET_EVERY_NS;
    for (int i = 0; i < gets; i++) {
      long atNs = nowNs + PUT_NS + i * GET_EVERY_NS;
      startedNs.put(i + 1L, atNs);
      post(atNs, anyHonest(), null, new DhtEvent.Get(i + 1L, target, 1));
    }
    for (long atNs = nowNs; atNs < endNs; atNs += REFRESH_NS) {
      runUntil(atNs);
      post(atNs, publisher, null, new DhtEvent.Put(PUT, target, record()));
      runUntil(atNs + PUT_NS);
      honestReplicas = Math.min(honestReplicas, honestReplicas());
    }
    runUntil(endNs + GET_NS);
    return DhtMeasures.of(gets, honestReplicas, tookNs.values());
  }

  private byte[] record() {
    long atMs = WALL_MS + nowNs / MS;
    Validity validity = Validity.from(atMs);
    String ingest = contacts.getFirst().nodeId();
    Signed stream =
        StreamRecord.sign(channel, link, delegation, validity, 1, ingest, true, WALL_MS);
    return SealedRecord.seal(writer, validity, stream, random).bytes();
  }

  private int honestReplicas() {
    return (int) honest.stream().filter(node -> node != null && node.records() > 0).count();
  }

  private int anyHonest() {
    int node = random.nextInt(count);
    while (honest.get(node) == null) {
      node = random.nextInt(count);
    }
    return node;
  }

  private void post(long atNs, int node, @Nullable Endpoint from, DhtEvent event) {
    queue.add(new Event(atNs, order++, node, from, event));
  }

  private void runUntil(long endNs) {
    for (Event next = queue.peek(); next != null && next.atNs <= endNs; next = queue.peek()) {
      queue.poll();
      nowNs = next.atNs;
      if (next.event instanceof DhtEvent.Tick && wakes.get(next.node) != nowNs) {
        continue; // woken for something that has been done since
      }
      happen(next.node, next.event);
    }
    nowNs = endNs;
  }

  private void happen(int node, DhtEvent event) {
    Kademlia machine = honest.get(node);
    Liar liar = liars.get(node);
    if (liar != null && event instanceof DhtEvent.Heard heard) {
      DhtMessage answer = liar.answer(heard.from(), heard.message());
      if (answer != null) {
        send(node, heard.from(), answer);
      }
    }
    if (machine == null) {
      return;
    }
    for (DhtAction action : machine.step(event, nowNs, random)) {
      switch (action) {
        case DhtAction.Send send -> send(node, send.to(), send.message());
        case DhtAction.Found found -> {
          Long started = startedNs.get(found.id());
          if (started != null) {
            tookNs.putIfAbsent(found.id(), nowNs - started);
          }
        }
        case DhtAction.Finished finished -> {}
        case DhtAction.Counted counted -> {}
      }
    }
    long wakeNs = machine.wakeNs();
    if (wakeNs != Long.MAX_VALUE && wakes.get(node) != wakeNs) {
      wakes.set(node, wakeNs);
      post(Math.max(nowNs, wakeNs), node, null, new DhtEvent.Tick());
    }
  }

  private void send(int node, Endpoint to, DhtMessage message) {
    Integer there = byEndpoint.get(to);
    if (there == null) {
      return; // invented by a liar
    }
    Coordinates a = places.get(node);
    Coordinates b = places.get(there);
    double ms = LEAST_MS + Math.hypot(a.x - b.x, a.y - b.y) + random.nextDouble() * 4 - 2;
    boolean padded = message instanceof DhtMessage.Find find && find.padded();
    int bytes = padded ? DhtCodec.BYTES_MAX : ASKED_BYTES;
    Endpoint from = contacts.get(node).endpoint();
    post(nowNs + (long) (ms * MS), there, from, new DhtEvent.Heard(from, message, bytes));
  }
}
