package live.banyan.sfu.sctp;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two ends of an association over a seeded link in virtual time. */
final class TwoEnds {
  static final int PACKET_BYTES = 1120;

  /** How the link treats a packet; shares are 0 to 1. */
  record Link(double loss, double duplicate, double reorder, long delayMs) {
    static final Link GOOD = new Link(0, 0, 0, 20);
    static final Link BAD = new Link(.1, .05, .2, 20);
  }

  final SctpCounters counters = new SctpCounters();
  final End client;
  final End server;
  Link link;
  long nowNs = 1;
  private final Random random;
  private final PriorityQueue<Flying> flying = new PriorityQueue<>();
  private long order;

  /** Packets as they left, for mutation. */
  final List<byte[]> packets = new ArrayList<>();

  private record Flying(long atNs, long order, End to, byte[] packet)
      implements Comparable<Flying> {
    @Override
    public int compareTo(Flying other) {
      return atNs != other.atNs ? Long.compare(atNs, other.atNs) : Long.compare(order, other.order);
    }
  }

  /** One end with all that it was told. */
  final class End {
    final DataChannels channels;
    final List<ChannelEvent.Message> messages = new ArrayList<>();
    final List<ChannelEvent.Opened> opened = new ArrayList<>();
    final List<Integer> closed = new ArrayList<>();
    boolean up;
    SctpEvent.@Nullable Reason ended;

    End(DataChannels channels) {
      this.channels = channels;
    }

    private End other() {
      return this == client ? server : client;
    }

    void drain() {
      for (ChannelEvent event : channels.take()) {
        switch (event) {
          case ChannelEvent.Transmit transmit -> carry(other(), transmit.packet());
          case ChannelEvent.Up unused -> up = true;
          case ChannelEvent.Opened open -> opened.add(open);
          case ChannelEvent.Message message -> messages.add(message);
          case ChannelEvent.Closed close -> closed.add(close.channel());
          case ChannelEvent.Ended end -> ended = end.reason();
        }
      }
    }

    int open(ChannelTerms terms) {
      int id = channels.open(terms, nowNs);
      drain();
      return id;
    }

    boolean send(int id, byte[] data) {
      boolean taken = channels.send(id, false, data, nowNs);
      drain();
      return taken;
    }
  }

  TwoEnds(long seed, Link link) {
    this(seed, link, SctpConfig.defaults(PACKET_BYTES));
  }

  TwoEnds(long seed, Link link, SctpConfig config) {
    this.random = new Random(seed);
    this.link = link;
    client = new End(new DataChannels(true, 16, 0, config, counters, random));
    server = new End(new DataChannels(false, 16, 0, config, counters, random));
  }

  /** Both are up. */
  TwoEnds connected() {
    client.channels.start(nowNs);
    client.drain();
    runUntil(30_000, () -> client.up && server.up);
    return this;
  }

  private void carry(End to, byte[] packet) {
    packets.add(packet);
    if (random.nextDouble() < link.loss) {
      return;
    }
    int copies = random.nextDouble() < link.duplicate ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long extraMs = random.nextDouble() < link.reorder ? random.nextInt(60) : 0;
      long atNs = nowNs + TimeUnit.MILLISECONDS.toNanos(link.delayMs + extraMs);
      flying.add(new Flying(atNs, order++, to, packet));
    }
  }

  interface Condition {
    boolean holds();
  }

  /** Lets time pass until the condition holds; fails the test when it does not within the time. */
  void runUntil(long limitMs, Condition condition) {
    long endNs = nowNs + TimeUnit.MILLISECONDS.toNanos(limitMs);
    while (!condition.holds()) {
      if (!step(endNs)) {
        throw new AssertionError("not within " + limitMs + " ms of virtual time");
      }
    }
  }

  void run(long ms) {
    long endNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
    while (step(endNs)) {}
    nowNs = endNs;
  }

  private boolean step(long endNs) {
    long timerNs = Math.min(client.channels.deadlineNs(), server.channels.deadlineNs());
    Flying next = flying.peek();
    long atNs = Math.min(timerNs, next == null ? Long.MAX_VALUE : next.atNs);
    if (atNs > endNs) {
      return false;
    }
    nowNs = Math.max(nowNs, atNs);
    if (next != null && next.atNs <= timerNs) {
      flying.remove();
      next.to.channels.receive(next.packet, nowNs);
      next.to.drain();
      return true;
    }
    for (End end : List.of(client, server)) {
      if (end.channels.deadlineNs() <= nowNs) {
        end.channels.onTimer(nowNs);
        end.drain();
      }
    }
    return true;
  }

  /** Bytes that tell their position. */
  static byte[] message(int length, int number) {
    byte[] data = new byte[length];
    for (int i = 0; i < length; i++) {
      data[i] = (byte) (i * 31 + number * 7 + (i >> 8));
    }
    return data;
  }
}
