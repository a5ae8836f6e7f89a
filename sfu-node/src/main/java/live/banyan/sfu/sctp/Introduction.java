package live.banyan.sfu.sctp;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Who this end is, and what the two ends make of each other (RFC 9260 §5.1). */
final class Introduction {
  final int tag;
  final long secret;
  private final SctpConfig config;
  private final int firstTsn;

  Introduction(SctpConfig config, RandomGenerator random) {
    this.config = config;
    this.tag = random.nextInt() | 1; // 0 is reserved
    this.firstTsn = random.nextInt();
    this.secret = random.nextLong();
  }

  Chunk.Init init() {
    return init(false, new byte[0]);
  }

  /** The INIT ACK, which carries all that has to be known of the INIT. */
  Chunk.Init answer(Chunk.Init init) {
    return init(true, Cookie.of(init, secret).encode());
  }

  private Chunk.Init init(boolean ack, byte[] cookie) {
    return new Chunk.Init(
        ack,
        tag,
        config.receiveBytesMax(),
        config.streamsMax(),
        config.streamsMax(),
        firstTsn,
        cookie,
        true,
        true);
  }

  /** Whether a peer's INIT, or INIT ACK, names what it has to. */
  boolean usable(Chunk.Init init) {
    boolean named = init.tag() != 0 && init.outStreams() > 0 && init.inStreams() > 0;
    int cookie = init.cookie().length;
    return named && (!init.ack() || cookie > 0 && cookie < config.packetBytesMax() - 32);
  }

  Traffic meet(
      Cookie peer, RoundTrip roundTrip, SctpCounters counters, Consumer<SctpEvent> events) {
    Inbound inbound = new Inbound(config, counters, events, peer.peerTsn());
    Outbound outbound =
        new Outbound(config, counters, roundTrip, peer.forwardTsn(), firstTsn, peer.peerWindow());
    StreamResets resets =
        new StreamResets(peer.reconfig(), inbound, outbound, events, firstTsn, peer.peerTsn());
    int streams = Math.min(config.streamsMax(), Math.min(peer.inStreams(), peer.outStreams()));
    return new Traffic(inbound, outbound, resets, streams);
  }
}
