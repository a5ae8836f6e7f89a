package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * HMAC-SHA1 (RFC 2104) from bare SHA-1 states: the state after each padded key block is kept, so a
 * packet costs its own bytes and two copies of 96 bytes. libcrypto's HMAC interfaces allocate.
 */
final class NativePacketMac implements PacketMac {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int BLOCK = 64;
  private static final int DIGEST = 20;
  private static final byte INNER_PAD = 0x36;
  private static final byte OUTER_PAD = 0x5c;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment inner = arena.allocate(LibCrypto.SHA1_STATE_BYTES, 16);
  private final MemorySegment outer = arena.allocate(LibCrypto.SHA1_STATE_BYTES, 16);
  private final MemorySegment state = arena.allocate(LibCrypto.SHA1_STATE_BYTES, 16);
  private final MemorySegment digest = arena.allocate(DIGEST, 16);

  /**
   * @param key at most one SHA-1 block
   */
  NativePacketMac(byte[] key) {
    MemorySegment padded = arena.allocate(BLOCK, 16);
    prepare(inner, padded, key, INNER_PAD);
    prepare(outer, padded, key, OUTER_PAD);
    padded.fill((byte) 0);
  }

  private static void prepare(MemorySegment state, MemorySegment padded, byte[] key, byte pad) {
    padded.fill(pad);
    for (int i = 0; i < key.length; i++) {
      padded.set(ValueLayout.JAVA_BYTE, i, (byte) (key[i] ^ pad));
    }
    LibCrypto.sha1Init(state);
    LibCrypto.sha1Update(state, padded.address(), BLOCK);
  }

  @Override
  public void compute(MemorySegment packet, long offset, int length) {
    MemorySegment.copy(inner, 0, state, 0, LibCrypto.SHA1_STATE_BYTES);
    LibCrypto.sha1Update(state, packet.address() + offset, length);
    LibCrypto.sha1Final(digest, state);
    MemorySegment.copy(outer, 0, state, 0, LibCrypto.SHA1_STATE_BYTES);
    LibCrypto.sha1Update(state, digest.address(), DIGEST);
    LibCrypto.sha1Final(digest, state);
  }

  @Override
  public long head() {
    return digest.get(LONG, 0);
  }

  @Override
  public short tail() {
    return digest.get(SHORT, 8);
  }

  @Override
  public void close() {
    inner.fill((byte) 0);
    outer.fill((byte) 0);
    state.fill((byte) 0);
    digest.fill((byte) 0);
  }
}
