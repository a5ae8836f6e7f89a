package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;

/**
 * AES-128-GCM with a tag of 16 bytes behind the ciphertext, under one key and one direction. The
 * 12-byte nonce comes as its first 4 and last 8 bytes, big endian.
 */
interface Aead extends AutoCloseable {
  int TAG_LENGTH = 16;

  /**
   * Writes ciphertext and tag.
   *
   * @param packet holds the associated data (in one or two pieces) and takes the output
   * @param moreAadLength 0 where there is one piece
   */
  void seal(
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
      long sealedOffset);

  /**
   * Decrypts in place.
   *
   * @param sealedLength ciphertext and tag
   * @return whether the tag is right
   */
  boolean open(
      int nonceHead,
      long nonceTail,
      MemorySegment packet,
      long aadOffset,
      int aadLength,
      long moreAadOffset,
      int moreAadLength,
      long sealedOffset,
      int sealedLength);

  @Override
  void close();
}
