package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.BiFunction;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;

/** Two ends of one association, and packets to send between them. */
final class CipherPair implements AutoCloseable {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Odd on purpose: packets have no alignment. */
  static final int AT = 7;

  final PacketCipher sender;
  final PacketCipher receiver;
  final MemorySegment wire = Arena.ofAuto().allocate(4096, 64);
  private final MemorySegment payload = Arena.ofAuto().allocate(2048, 64);

  CipherPair(SrtpProfile profile, CryptoPath sending, CryptoPath receiving) {
    this(profile, sending, receiving, PacketCiphers.RECEIVE_SSRCS_MAX);
  }

  CipherPair(SrtpProfile profile, CryptoPath sending, CryptoPath receiving, int ssrcsMax) {
    this(profile, sending, receiving, ssrcsMax, CipherPair::bytes);
  }

  /** With keys of one's own: bytes by number and length. */
  CipherPair(
      SrtpProfile profile,
      CryptoPath sending,
      CryptoPath receiving,
      int ssrcsMax,
      BiFunction<Integer, Integer, byte[]> keys) {
    byte[] key1 = keys.apply(1, profile.keyLength());
    byte[] salt1 = keys.apply(2, profile.saltLength());
    byte[] key2 = keys.apply(3, profile.keyLength());
    byte[] salt2 = keys.apply(4, profile.saltLength());
    sender =
        PacketCiphers.create(new SrtpKeys(profile, key1, salt1, key2, salt2), ssrcsMax, sending);
    receiver =
        PacketCiphers.create(new SrtpKeys(profile, key2, salt2, key1, salt1), ssrcsMax, receiving);
  }

  static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A header of 12 bytes. */
  static byte[] header(int ssrc, long index) {
    byte[] header = new byte[12];
    MemorySegment segment = MemorySegment.ofArray(header);
    segment.set(INT, 0, 0x80600000 | (int) (index & 0xFFFF));
    segment.set(INT, 4, (int) index * 3000);
    segment.set(INT, 8, ssrc);
    return header;
  }

  /** Seals to {@link #wire} at {@link #AT}. @return the sealed packet's length */
  int seal(long index, byte[] header, byte[] content) {
    MemorySegment.copy(header, 0, wire, ValueLayout.JAVA_BYTE, AT, header.length);
    MemorySegment.copy(content, 0, payload, ValueLayout.JAVA_BYTE, 3, content.length);
    return sender.protectRtp(index, wire, AT, header.length, payload, 3, content.length);
  }

  byte[] sealed(int ssrc, long index, byte[] content) {
    return onWire(seal(index, header(ssrc, index), content));
  }

  int open(byte[] sealed) {
    put(sealed);
    return receiver.unprotectRtp(wire, AT, sealed.length);
  }

  byte[] sealedRtcp(byte[] plain) {
    put(plain);
    return onWire(sender.protectRtcp(wire, AT, plain.length));
  }

  int openRtcp(byte[] sealed) {
    put(sealed);
    return receiver.unprotectRtcp(wire, AT, sealed.length);
  }

  void put(byte[] packet) {
    MemorySegment.copy(packet, 0, wire, ValueLayout.JAVA_BYTE, AT, packet.length);
  }

  byte[] onWire(int length) {
    return wire.asSlice(AT, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A receiver report of 32 bytes with one block. */
  static byte[] report(int ssrc, int fill) {
    byte[] report = new byte[32];
    Arrays.fill(report, (byte) fill);
    MemorySegment segment = MemorySegment.ofArray(report);
    segment.set(INT, 0, 0x81C90007);
    segment.set(INT, 4, ssrc);
    return report;
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
