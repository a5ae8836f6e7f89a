package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeaderWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A VP8 packet of 1,200 bytes on its way through a layer: taken apart, kept, found, and numbered
 * for a viewer: {@code bench parts Media}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MediaBench {
  private static final int LENGTH = 1_200;

  /** What a layer of a picture has at first: 1.5 MB, beyond the processor's nearest caches. */
  private static final int SLOTS = 1_024;

  private static final int PACKETS_A_FRAME = 8;

  private static final int VIEWERS = 150;

  private final MemorySegment wire = Arena.ofAuto().allocate(LENGTH, 64);
  private final IncomingPacket packet = new IncomingPacket();
  private final Track track =
      new Track(1, Codec.VP8, 1, SLOTS, ExtensionMap.RELAY, new CacheRoom(0), () -> {}, () -> {});
  private final PacketCache cache = track.layer(0).cache();
  private final RtpRewriter[] rewriters = new RtpRewriter[VIEWERS];
  private long kept;
  private long found;
  private int asked;

  public MediaBench() {
    int header =
        new RtpHeaderWriter()
            .begin(true, 96, 0, 0, 0xCAFE)
            .add(ExtensionMap.RELAY.id(IncomingPacket.CARRIED[0]), 0x0123_4567_89AB_CDEFL, 8)
            .write(wire, 0);
    // A VP8 descriptor with a picture id of 15 bits and TL0PICIDX, then a delta frame's first byte.
    NetworkOrder.put32(wire, header, 0x90C0_8001);
    NetworkOrder.put16(wire, header + 4L, 0x0501);
    takeApart();
    int first = keep();
    for (int i = 0; i < VIEWERS; i++) {
      rewriters[i] = new RtpRewriter(1_000, 5_000, 77);
      rewriters[i].begin(track.layer(0), first, 3_000, false);
    }
    for (int i = 1; i < SLOTS; i++) {
      number(rewriters[0], keep());
    }
  }

  @TearDown
  public void close() {
    track.close();
  }

  /** Header, extensions and payload descriptor of a packet. */
  @Benchmark
  public int parse() {
    return takeApart();
  }

  /** Keeping a packet, over the oldest one. */
  @Benchmark
  public int put() {
    return keep();
  }

  /** Finding a packet that is there. */
  @Benchmark
  public long lookUp() {
    int slot = cache.slotOf(kept - SLOTS + (found++ & (SLOTS - 1)));
    if (slot < 0) {
      throw new AssertionError("not there");
    }
    return cache.payloadOffset(slot) + cache.payloadLength(slot);
  }

  /** The numbers that a packet gets for each of {@value #VIEWERS} viewers. */
  @Benchmark
  @OperationsPerInvocation(VIEWERS)
  public long rewrite() {
    int slot = keep();
    long sum = 0;
    for (RtpRewriter rewriter : rewriters) {
      sum += number(rewriter, slot);
    }
    return sum;
  }

  /** Finding the source of what a viewer asks for again. */
  @Benchmark
  public long locate() {
    RtpRewriter rewriter = rewriters[0];
    long out = rewriter.locate((int) rewriter.highestOut() - (asked++ & 255) & 0xFFFF);
    if (out < 0) {
      throw new AssertionError("not remembered");
    }
    return rewriter.locatedSource();
  }

  private int takeApart() {
    boolean valid = packet.read(wire, 0, LENGTH, kept);
    packet.readExtensions(ExtensionMap.RELAY);
    packet.readPayload(Codec.VP8);
    if (!valid || packet.pictureId < 0) {
      throw new AssertionError("not taken apart");
    }
    return packet.payloadLength;
  }

  private int keep() {
    packet.timestamp = (int) (kept / PACKETS_A_FRAME) * 3_000;
    return cache.put(kept++, packet);
  }

  private long number(RtpRewriter rewriter, int slot) {
    int at = rewriter.segmentOf(cache.extendedSequence(slot), cache.timestamp(slot));
    return rewriter.advance(at, cache, slot, 0)
        + rewriter.timestamp(at, cache.timestamp(slot))
        + rewriter.pictureId(at, cache.pictureId(slot))
        + rewriter.tl0Index(at, cache.tl0Index(slot));
  }
}
