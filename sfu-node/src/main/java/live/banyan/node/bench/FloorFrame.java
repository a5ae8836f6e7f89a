package live.banyan.node.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtp.RtpHeader;

/**
 * What the floor holds of one broadcast, the packets of a frame that is not complete; or of all
 * broadcasts that go the same ways.
 */
final class FloorFrame {
  private static final int PACKETS_MAX = 48;

  /** As long as the node holds a frame's beginning. */
  private static final long HOLD_NS = 2_000_000;

  private final PacketCipher[] ciphers;
  private final int[] ports;
  private final long[] highest;
  private final MemorySegment frame =
      Arena.global().allocate((long) PACKETS_MAX * DatagramIo.SLOT_BYTES, 64);
  private final int[] lengths = new int[PACKETS_MAX];
  private final long[] indexes = new long[PACKETS_MAX];
  private int count;
  private long heldNs;

  /**
   * @param streams broadcasts; where it is one, a frame's end is worth no wait
   */
  FloorFrame(PacketCipher[] ciphers, int[] ports, int streams) {
    this.ciphers = ciphers;
    this.ports = ports;
    this.highest = new long[streams];
  }

  /** Keeps a packet. @return whether no other is worth a wait */
  boolean collect(MemorySegment memory, long offset, int length, long nowNs) {
    if (count == 0) {
      heldNs = nowNs;
    }
    MemorySegment.copy(memory, offset, frame, at(count), length);
    int stream = (RtpHeader.ssrc(memory, offset) - BurstSource.FIRST_SSRC) % highest.length;
    // Extended by the number of turns (RFC 3711 §3.3.1), as each packet of its stream comes in
    // turn.
    highest[stream] += (short) (RtpHeader.sequence(memory, offset) - (int) highest[stream]);
    indexes[count] = highest[stream];
    lengths[count++] = length;
    return highest.length == 1 && RtpHeader.marker(memory, offset) || count == PACKETS_MAX;
  }

  /** When what is held has to leave; {@link Long#MAX_VALUE} when nothing is held. */
  long dueNs() {
    return count == 0 ? Long.MAX_VALUE : heldNs + HOLD_NS;
  }

  /** Seals what is held for each port in turn. */
  void send(DatagramIo io, long high, long low) {
    for (int p = 0; p < ports.length; p++) {
      for (int i = 0; i < count; i++) {
        int header = RtpHeader.check(frame, at(i), lengths[i]);
        int room = lengths[i] + PacketCipher.MAX_OVERHEAD;
        long to = io.claim(high, low, ports[p], room);
        MemorySegment.copy(frame, at(i), io.memory(), to, header);
        io.commit(
            ciphers[p].protectRtp(
                indexes[i], io.memory(), to, header, frame, at(i) + header, lengths[i] - header));
      }
    }
    io.flush();
    count = 0;
  }

  private static long at(int packet) {
    return (long) packet * DatagramIo.SLOT_BYTES;
  }
}
