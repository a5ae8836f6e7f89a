package live.banyan.sfu.relay;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.PacketCipher;

/** A cipher that no packet goes through; tells whether it was closed. */
final class NoCipher implements PacketCipher {
  volatile boolean closed;

  @Override
  public int protectRtp(
      long extendedSequence,
      MemorySegment dst,
      long dstOffset,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength) {
    throw new AssertionError("no media here");
  }

  @Override
  public int unprotectRtp(MemorySegment packet, long offset, int length) {
    throw new AssertionError("no media here");
  }

  @Override
  public int protectRtcp(MemorySegment packet, long offset, int length) {
    throw new AssertionError("no media here");
  }

  @Override
  public int unprotectRtcp(MemorySegment packet, long offset, int length) {
    throw new AssertionError("no media here");
  }

  @Override
  public void close() {
    closed = true;
  }
}
