package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Counter mode on one reused EVP context. */
final class NativeCounterMode implements CounterMode {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment block = arena.allocate(16, 16);
  private final MemorySegment written = arena.allocate(4, 4);
  private long context;

  NativeCounterMode(byte[] key) {
    context = LibCrypto.newCtr(key);
  }

  @Override
  public void apply(
      long blockHigh,
      long blockLow,
      MemorySegment from,
      long fromOffset,
      int length,
      MemorySegment to,
      long toOffset) {
    if (length == 0) {
      return;
    }
    block.set(LONG, 0, blockHigh);
    block.set(LONG, 8, blockLow);
    LibCrypto.setIv(context, block);
    LibCrypto.update(
        context, to.address() + toOffset, written, from.address() + fromOffset, length);
  }

  @Override
  public void close() {
    if (context != 0) {
      LibCrypto.free(context);
      context = 0;
    }
  }
}
