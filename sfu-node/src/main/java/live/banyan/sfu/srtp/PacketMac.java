package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;

/** HMAC-SHA1 cut to 80 bits, under one key (RFC 3711 §4.2.1). */
interface PacketMac extends AutoCloseable {
  int TAG_LENGTH = 10;

  /** Computes the tag of some bytes; {@link #head} and {@link #tail} hold it until the next. */
  void compute(MemorySegment packet, long offset, int length);

  /** The first 8 bytes of the tag, big endian. */
  long head();

  /** The last 2 bytes of the tag, big endian. */
  short tail();

  @Override
  void close();
}
