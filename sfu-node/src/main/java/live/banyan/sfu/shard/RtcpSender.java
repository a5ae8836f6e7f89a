package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.PacketSink;
import org.jspecify.annotations.Nullable;

/**
 * Puts RTCP packets of one transport together into datagrams: {@link #begin}, write at {@link #at}
 * and {@link #wrote}, {@link #end}. Not thread safe.
 */
final class RtcpSender {
  /** Room for a compound, sealing aside; below any path's MTU. */
  static final int ROOM = 1_200;

  private final PacketSink sink;
  private final ShardCounters counters;
  private @Nullable PacketCipher cipher;
  private long start;
  private int length;

  RtcpSender(PacketSink sink, ShardCounters counters) {
    this.sink = sink;
    this.counters = counters;
  }

  /** Claims a datagram. @return false where the transport cannot be sent to */
  boolean begin(Transport transport) {
    PacketCipher sealing = transport.cipher();
    cipher = sealing;
    if (sealing == null) {
      return false;
    }
    start =
        sink.claim(
            transport.addressHigh(),
            transport.addressLow(),
            transport.port(),
            ROOM + PacketCipher.MAX_OVERHEAD);
    length = 0;
    return true;
  }

  MemorySegment memory() {
    return sink.memory();
  }

  /** Where the next packet is written. */
  long at() {
    return start + length;
  }

  int room() {
    return ROOM - length;
  }

  void wrote(int bytes) {
    length += bytes;
  }

  /** Seals and sends what was written; nothing leaves where nothing was. */
  void end() {
    PacketCipher sealing = cipher;
    if (sealing == null || length == 0) {
      sink.commit(0);
      return;
    }
    sink.commit(sealing.protectRtcp(sink.memory(), start, length));
    counters.add(ShardCounter.RTCP_PACKETS_OUT, 1);
  }
}
