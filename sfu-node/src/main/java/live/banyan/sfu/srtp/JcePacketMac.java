package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;

/** HMAC-SHA1 through the JDK's provider. */
final class JcePacketMac implements PacketMac {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final byte[] digest = new byte[20];
  private final MemorySegment digestBytes = MemorySegment.ofArray(digest);
  private final HeapScratch in = new HeapScratch();
  private final WipeableKey key;
  private Mac mac;

  JcePacketMac(byte[] key) {
    this.key = new WipeableKey("HmacSHA1", key);
    mac = newMac();
    try {
      mac.init(this.key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA1 takes any key", e);
    }
  }

  private static Mac newMac() {
    try {
      return Mac.getInstance("HmacSHA1");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA1 is part of every JDK", e);
    }
  }

  @Override
  public void compute(MemorySegment packet, long offset, int length) {
    mac.update(in.load(packet, offset, length), 0, length);
    try {
      mac.doFinal(digest, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a SHA-1 digest has 20 bytes", e);
    }
  }

  @Override
  public long head() {
    return digestBytes.get(LONG, 0);
  }

  @Override
  public short tail() {
    return digestBytes.get(SHORT, 8);
  }

  @Override
  public void close() {
    key.destroy();
    mac = newMac();
    in.wipe();
    Arrays.fill(digest, (byte) 0);
  }
}
