package live.banyan.sfu.packet;

import java.lang.foreign.MemorySegment;

/**
 * Where a shard writes its datagrams: claim a slot, fill it, commit it. Addresses are primitives so
 * that nothing is allocated: IPv6 as two big-endian longs, IPv4 as ::ffff:a.b.c.d. Single threaded.
 *
 * <p>What is committed to one destination leaves in that order; what goes to another may overtake
 * it. Between two flushes, packets of one length to one destination may leave as one segmented send
 * (UDP_SEGMENT), the last of which may be shorter.
 */
public interface PacketSink {
  /** The native memory that every claimed slot lies in. */
  MemorySegment memory();

  /**
   * Claims room for one datagram of at most {@code maxLength} (1 to 2,048) bytes. Flushes when the
   * batch is full. A claim that was not committed is given up by the next.
   *
   * <p>The slot has no alignment: datagrams lie back to back so that the kernel can take several as
   * one, so access it with unaligned layouts.
   *
   * @return offset of the slot in {@link #memory()}
   */
  long claim(long addressHigh, long addressLow, int port, int maxLength);

  /** Completes the slot claimed last with its real length; 0 abandons it. */
  void commit(int length);

  /** Hands everything committed to the network. What the kernel refuses is counted, not retried. */
  void flush();
}
