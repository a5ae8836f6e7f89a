package live.banyan.sfu.sctp;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Fills packets: answers first, then what the traffic has to say, then DATA (RFC 9260 §6.10). */
final class Outbox {
  /** Chunks that wait for a packet; all are answers, and answers to more than this are dropped. */
  private static final int CONTROL_MAX = 64;

  private final SctpConfig config;
  private final SctpCounters counters;
  private final Consumer<byte[]> transmit;
  private final ArrayDeque<byte[]> control = new ArrayDeque<>();

  Outbox(SctpConfig config, SctpCounters counters, Consumer<byte[]> transmit) {
    this.config = config;
    this.counters = counters;
    this.transmit = transmit;
  }

  /** Lets a chunk travel with the next packet. */
  void add(Chunk chunk) {
    byte[] encoded = PacketWriter.encode(chunk);
    if (control.size() >= CONTROL_MAX
        || encoded.length > config.packetBytesMax() - PacketReader.HEADER_BYTES) {
      counters.add(SctpCount.DROPPED_STATE);
    } else {
      control.add(encoded);
    }
  }

  /** A packet with one chunk. */
  byte[] alone(int tag, Chunk chunk) {
    PacketWriter packet = new PacketWriter(config.packetBytesMax(), tag);
    packet.chunk(PacketWriter.encode(chunk));
    return packet.seal();
  }

  void clear() {
    control.clear();
  }

  /**
   * Sends all that may leave.
   *
   * @param traffic null until the association is established
   */
  void flush(int tag, @Nullable Traffic traffic, long nowNs, long rtoNs) {
    while (true) {
      PacketWriter packet = new PacketWriter(config.packetBytesMax(), tag);
      while (!control.isEmpty() && control.getFirst().length <= packet.room()) {
        packet.chunk(control.remove());
      }
      if (traffic != null) {
        fill(packet, traffic, nowNs, rtoNs);
      }
      if (packet.isEmpty()) {
        return;
      }
      transmit.accept(packet.seal());
    }
  }

  private void fill(PacketWriter packet, Traffic traffic, long nowNs, long rtoNs) {
    Inbound inbound = traffic.inbound();
    Outbound outbound = traffic.outbound();
    boolean along = inbound.sackWorthwhile() && outbound.wantsToSend();
    if (inbound.sackDue(nowNs) || along) {
      append(packet, inbound.sack());
    }
    Chunk.ForwardTsn forward = outbound.forward(nowNs);
    if (forward != null) {
      append(packet, forward);
    }
    Chunk request = traffic.resets().request(nowNs, rtoNs);
    if (request != null) {
      append(packet, request);
    }
    Fragment fragment = outbound.next(payloadRoom(packet), nowNs);
    while (fragment != null) {
      packet.data(fragment);
      fragment = outbound.next(payloadRoom(packet), nowNs);
    }
  }

  private static int payloadRoom(PacketWriter packet) {
    return (packet.room() & ~3) - PacketWriter.DATA_HEADER_BYTES;
  }

  /** A chunk that finds no room here leads the next packet. */
  private void append(PacketWriter packet, Chunk chunk) {
    byte[] encoded = PacketWriter.encode(chunk);
    if (encoded.length <= packet.room()) {
      packet.chunk(encoded);
    } else {
      add(chunk);
    }
  }
}
