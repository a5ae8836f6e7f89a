package live.banyan.sfu.shard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.DropReason;

/** A shard with a clock that is moved by hand, a sink that records, and events in a list. */
final class ShardHarness implements AutoCloseable {
  static final long MS = 1_000_000L;
  static final long WALL = 1_790_000_000_000_000_000L;
  static final long V4 = 0xFFFF_0000_0000L;

  final RecordingSink sink = new RecordingSink();
  final List<ShardEvent> events = new ArrayList<>();
  final ShardCounters counters = new ShardCounters();
  final Shard shard;
  long nowNs = 1_000_000_000L;
  private final MemorySegment slot = Arena.ofAuto().allocate(4096);

  ShardHarness() {
    this(1, ShardConfig.standard(WALL));
  }

  ShardHarness(long seed, ShardConfig config) {
    shard = new Shard(sink, events::add, new Random(seed), counters, config);
  }

  void receive(byte[] datagram, long low, int port) {
    MemorySegment.copy(datagram, 0, slot, ValueLayout.JAVA_BYTE, 64, datagram.length);
    shard.onDatagram(slot, 64, datagram.length, 0, low, port, nowNs);
  }

  /** Receives one datagram as a batch of its own. */
  void deliver(byte[] datagram, long low, int port) {
    receive(datagram, low, port);
    shard.onBatchEnd(nowNs);
  }

  void execute(ShardCommand command) {
    shard.execute(command, nowNs);
  }

  /** Moves the clock, running the timer whenever the shard wants it. */
  void advance(long ns) {
    long end = nowNs + ns;
    for (int i = 0; i < 100_000; i++) {
      long deadline = shard.nextDeadlineNs();
      if (deadline > end) {
        nowNs = end;
        return;
      }
      nowNs = Math.max(nowNs, deadline);
      shard.onTimer(nowNs);
    }
    throw new IllegalStateException("the shard wants its timer without end");
  }

  /** Opens a connected and keyed client transport. */
  IdentityCipher connect(long transportId, long low, int port) {
    String ufrag = "u" + transportId;
    execute(
        new ShardCommand.OpenTransport(
            transportId,
            new IceCredentials(ufrag, "password-of-this-end"),
            new IceCredentials("peer", "password-of-the-peer")));
    deliver(StunRequests.check(ufrag + ":peer", "password-of-this-end", true), low, port);
    IdentityCipher cipher = new IdentityCipher();
    execute(new ShardCommand.InstallCipher(transportId, cipher));
    return cipher;
  }

  /** What the near end of a link of this fragment has. */
  static IceCredentials linkCredentials(String ufrag) {
    return new IceCredentials(ufrag, "password-of-a-link");
  }

  /** Opens a keyed link whose path is selected. */
  IdentityCipher link(long transportId, long low, int port) {
    execute(new ShardCommand.OpenLink(transportId, linkCredentials("link" + transportId)));
    execute(new ShardCommand.SelectLinkPath(transportId, 0, low, port));
    IdentityCipher cipher = new IdentityCipher(true);
    execute(new ShardCommand.InstallCipher(transportId, cipher));
    return cipher;
  }

  long drops() {
    long sum = 0;
    for (DropReason reason : DropReason.values()) {
      sum += counters.get(reason);
    }
    return sum;
  }

  @Override
  public void close() {
    shard.close();
  }
}
