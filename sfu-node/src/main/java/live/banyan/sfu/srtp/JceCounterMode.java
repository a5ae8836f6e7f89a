package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/** Counter mode through the JDK's provider. */
final class JceCounterMode implements CounterMode {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final WipeableKey key;
  private final byte[] block = new byte[16];
  private final MemorySegment blockBytes = MemorySegment.ofArray(block);
  private final HeapScratch in = new HeapScratch();
  private final HeapScratch out = new HeapScratch();
  private Cipher cipher;

  JceCounterMode(byte[] key) {
    this.key = new WipeableKey("AES", key);
    cipher = newCipher();
  }

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance("AES/CTR/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-CTR is part of every JDK", e);
    }
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
    blockBytes.set(LONG, 0, blockHigh);
    blockBytes.set(LONG, 8, blockLow);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(block));
      byte[] result = out.ofSize(length);
      cipher.doFinal(in.load(from, fromOffset, length), 0, length, result, 0);
      MemorySegment.copy(result, 0, to, ValueLayout.JAVA_BYTE, toOffset, length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not encrypt", e);
    }
  }

  @Override
  public void close() {
    key.destroy();
    cipher = newCipher();
    in.wipe();
    out.wipe();
  }
}
