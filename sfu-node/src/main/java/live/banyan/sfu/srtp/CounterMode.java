package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;

/** AES-128 in counter mode under one key. The first counter block comes as two big-endian longs. */
interface CounterMode extends AutoCloseable {
  /** Encrypts or decrypts; the two places may be the same. */
  void apply(
      long blockHigh,
      long blockLow,
      MemorySegment from,
      long fromOffset,
      int length,
      MemorySegment to,
      long toOffset);

  @Override
  void close();
}
