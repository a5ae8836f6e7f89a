package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** GCM on one reused EVP context: the key schedule is done once, a packet sets only the nonce. */
final class NativeAead implements Aead {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  // Freed by the collector: closing a shared arena would stop every thread for a moment.
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment nonce = arena.allocate(16, 16);
  private final MemorySegment written = arena.allocate(4, 4);
  private final MemorySegment scratch = arena.allocate(16, 16);
  private long context;

  NativeAead(byte[] key, boolean encrypt) {
    context = LibCrypto.newGcm(key, encrypt);
  }

  @Override
  public void seal(
      int nonceHead,
      long nonceTail,
      MemorySegment packet,
      long aadOffset,
      int aadLength,
      long moreAadOffset,
      int moreAadLength,
      MemorySegment plain,
      long plainOffset,
      int plainLength,
      long sealedOffset) {
    long base = packet.address();
    start(nonceHead, nonceTail);
    associate(base, aadOffset, aadLength, moreAadOffset, moreAadLength);
    transform(base + sealedOffset, plain.address() + plainOffset, plainLength);
    if (!LibCrypto.finish(context, scratch, written)) {
      throw new IllegalStateException("libcrypto does not encrypt");
    }
    LibCrypto.getTag(context, base + sealedOffset + plainLength);
  }

  @Override
  public boolean open(
      int nonceHead,
      long nonceTail,
      MemorySegment packet,
      long aadOffset,
      int aadLength,
      long moreAadOffset,
      int moreAadLength,
      long sealedOffset,
      int sealedLength) {
    long base = packet.address();
    int plainLength = sealedLength - TAG_LENGTH;
    long sealed = base + sealedOffset;
    start(nonceHead, nonceTail);
    LibCrypto.setTag(context, sealed + plainLength);
    associate(base, aadOffset, aadLength, moreAadOffset, moreAadLength);
    transform(sealed, sealed, plainLength);
    return LibCrypto.finish(context, scratch, written);
  }

  private void start(int nonceHead, long nonceTail) {
    nonce.set(INT, 0, nonceHead);
    nonce.set(LONG, 4, nonceTail);
    LibCrypto.setIv(context, nonce);
  }

  private void associate(long base, long offset, int length, long moreOffset, int moreLength) {
    LibCrypto.update(context, 0, written, base + offset, length);
    if (moreLength > 0) {
      LibCrypto.update(context, 0, written, base + moreOffset, moreLength);
    }
  }

  private void transform(long to, long from, int length) {
    if (length > 0) {
      LibCrypto.update(context, to, written, from, length);
    }
  }

  @Override
  public void close() {
    if (context != 0) {
      LibCrypto.free(context);
      context = 0;
    }
  }
}
