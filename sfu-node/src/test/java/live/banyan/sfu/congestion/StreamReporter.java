package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import live.banyan.sfu.rtp.SequenceExtender;

/** A receiver that reports arrivals by stream (RFC 8888) every 50 ms, and knows nothing else. */
public final class StreamReporter {
  private static final long INTERVAL_NS = 50_000_000;

  private static final class Stream {
    final SequenceExtender extender = new SequenceExtender();
    final TreeMap<Long, Long> arrivalsNs = new TreeMap<>();
    long next = -1;
  }

  private final Map<Integer, Stream> streams = new TreeMap<>();
  private final int overlap;
  private boolean pending;
  private long lastNs = Long.MIN_VALUE / 2;

  /**
   * @param overlap packets of each stream that every report tells again
   */
  public StreamReporter(int overlap) {
    this.overlap = overlap;
  }

  public void record(int ssrc, int sequence, long nowNs) {
    Stream stream = streams.computeIfAbsent(ssrc, absent -> new Stream());
    if (stream.extender.isEmpty()) {
      stream.extender.reset(0x1_0000L | sequence);
    }
    long index = stream.extender.extend(sequence);
    stream.next = stream.next < 0 ? index : stream.next;
    stream.arrivalsNs.putIfAbsent(index, nowNs);
    pending = true;
  }

  public boolean isDue(long nowNs) {
    return pending && nowNs - lastNs >= INTERVAL_NS;
  }

  /** Writes one report of everything. @return its length as an RTCP packet */
  public int write(MemorySegment segment, long offset, long nowNs) {
    lastNs = nowNs;
    pending = false;
    ByteBuffer out = segment.asSlice(offset).asByteBuffer();
    out.putInt(0x8B_CD_00_00).putInt(1);
    long ticks = Math.floorDiv(nowNs / 1_000 * 65_536, 1_000_000L);
    streams.forEach((ssrc, stream) -> block(out, ssrc, stream, ticks));
    out.putInt((int) ticks);
    out.putShort(2, (short) (out.position() / 4 - 1));
    return out.position();
  }

  private void block(ByteBuffer out, int ssrc, Stream stream, long ticks) {
    long end = stream.extender.newest() + 1;
    long begin = Math.max(stream.next - overlap, stream.arrivalsNs.firstKey());
    out.putInt(ssrc).putShort((short) begin).putShort((short) (end - begin));
    for (long index = begin; index < end; index++) {
      Long arrivalNs = stream.arrivalsNs.get(index);
      if (arrivalNs == null) {
        out.putShort((short) 0);
      } else {
        long arrival = Math.floorDiv(arrivalNs / 1_000 * 65_536, 1_000_000L);
        out.putShort((short) (0x8000 | Math.min(0x1FFE, (ticks - arrival) / 64)));
      }
    }
    if ((end - begin) % 2 != 0) {
      out.putShort((short) 0);
    }
    stream.next = end;
    stream.arrivalsNs.headMap(end - overlap - 1).clear();
  }
}
