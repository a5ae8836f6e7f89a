package live.banyan.node.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtp.RtpHeader;

/** What the floor holds of one broadcast: the packets of a frame that is not complete. */
final class FloorFrame {
  private static final int PACKETS_MAX = 48;

  /** As long as the node holds a frame's beginning. */
  private static final long HOLD_NS = 2_000_000;

  private final PacketCipher[] ciphers;
  private final int[] ports;
  private final MemorySegment frame =
      Arena.global().allocate((long) PACKETS_MAX * DatagramIo.SLOT_BYTES, 64);
  private final int[] lengths = new int[PACKETS_MAX];
  private int count;
  private long heldNs;
  private long highest = -1;

  FloorFrame(PacketCipher[] ciphers, int[] ports) {
    this.ciphers = ciphers;
    this.ports = ports;
  }

  /** Keeps a packet. @return whether it ends a frame */
  boolean collect(MemorySegment memory, long offset, int length, long nowNs) {
    if (count == 0) {
      heldNs = nowNs;
    }
    MemorySegment.copy(memory, offset, frame, at(count), length);
    lengths[count++] = length;
    return RtpHeader.marker(memory, offset) || count == PACKETS_MAX;
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
                highest + 1 + i,
                io.memory(),
                to,
                header,
                frame,
                at(i) + header,
                lengths[i] - header));
      }
    }
    io.flush();
    highest += count;
    count = 0;
  }

  private static long at(int packet) {
    return (long) packet * DatagramIo.SLOT_BYTES;
  }
}
