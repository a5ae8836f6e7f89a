package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/** GCM through the JDK's provider. The provider copies and allocates; arrays of ours are reused. */
final class JceAead implements Aead {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";

  private final WipeableKey key;
  private final byte[] nonce = new byte[12];
  private final MemorySegment nonceBytes = MemorySegment.ofArray(nonce);
  private final HeapScratch aad = new HeapScratch();
  private final HeapScratch in = new HeapScratch();
  private final HeapScratch out = new HeapScratch();
  private Cipher cipher;

  JceAead(byte[] key) {
    this.key = new WipeableKey("AES", key);
    cipher = newCipher();
  }

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance(TRANSFORMATION);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is part of every JDK", e);
    }
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
    try {
      start(Cipher.ENCRYPT_MODE, nonceHead, nonceTail);
      cipher.updateAAD(aad.load(packet, aadOffset, aadLength), 0, aadLength);
      if (moreAadLength > 0) {
        cipher.updateAAD(aad.load(packet, moreAadOffset, moreAadLength), 0, moreAadLength);
      }
      byte[] sealed = out.ofSize(plainLength + TAG_LENGTH);
      int length =
          cipher.doFinal(in.load(plain, plainOffset, plainLength), 0, plainLength, sealed, 0);
      MemorySegment.copy(sealed, 0, packet, ValueLayout.JAVA_BYTE, sealedOffset, length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not encrypt", e);
    }
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
    try {
      start(Cipher.DECRYPT_MODE, nonceHead, nonceTail);
      cipher.updateAAD(aad.load(packet, aadOffset, aadLength), 0, aadLength);
      if (moreAadLength > 0) {
        cipher.updateAAD(aad.load(packet, moreAadOffset, moreAadLength), 0, moreAadLength);
      }
      byte[] plain = out.ofSize(sealedLength);
      int length =
          cipher.doFinal(in.load(packet, sealedOffset, sealedLength), 0, sealedLength, plain, 0);
      MemorySegment.copy(plain, 0, packet, ValueLayout.JAVA_BYTE, sealedOffset, length);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not decrypt", e);
    }
  }

  private void start(int mode, int nonceHead, long nonceTail) throws GeneralSecurityException {
    nonceBytes.set(INT, 0, nonceHead);
    nonceBytes.set(LONG, 4, nonceTail);
    GCMParameterSpec parameters = new GCMParameterSpec(8 * TAG_LENGTH, nonce);
    try {
      cipher.init(mode, key, parameters);
    } catch (InvalidAlgorithmParameterException e) {
      // The provider refuses the nonce it had last. Here that is one packet sent once more, byte
      // for byte the same, which tells an observer nothing; a fresh cipher has no memory of it.
      cipher = newCipher();
      cipher.init(mode, key, parameters);
    }
  }

  @Override
  public void close() {
    key.destroy();
    cipher = newCipher();
    aad.wipe();
    in.wipe();
    out.wipe();
  }
}
