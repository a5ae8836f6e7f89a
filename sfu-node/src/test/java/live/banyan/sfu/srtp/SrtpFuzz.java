package live.banyan.sfu.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.packet.SrtpProfile;

/**
 * Both ends of an association in either cipher, on either path. Between them is the fuzzer: its own
 * bytes, and genuine packets of its contents with bytes changed, cut off or added. Whatever came
 * between, a genuine packet is still taken, once.
 */
public final class SrtpFuzz {
  private static final int STEPS_MAX = 32;

  /** Others each time: a fuzzer that watches comparisons would learn a tag under lasting keys. */
  private static final SecureRandom KEYS = new SecureRandom();

  private static final int SSRC = 0x1111;
  private static final int CONTENT_MAX = 1_200;

  private final FuzzInput input;
  private final CipherPair pair;
  private long index = 100;
  private long taken = -1;
  private int reports;

  private SrtpFuzz(FuzzInput input, CipherPair pair) {
    this.input = input;
    this.pair = pair;
  }

  private static byte[] key(int number, int length) {
    byte[] key = new byte[length];
    KEYS.nextBytes(key);
    return key;
  }

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    int kind = input.u8();
    SrtpProfile profile = SrtpProfile.values()[kind & 1];
    CryptoPath path = (kind & 2) == 0 ? CryptoPath.SUNJCE : CryptoPath.LIBCRYPTO;
    try (CipherPair pair = new CipherPair(profile, path, path, 4, SrtpFuzz::key)) {
      SrtpFuzz world = new SrtpFuzz(input, pair);
      for (int i = 0; i < STEPS_MAX && !input.isEmpty(); i++) {
        world.step();
      }
    }
  }

  private void step() {
    int kind = input.u8();
    switch (kind & 3) {
      case 0 -> foreign(kind);
      case 1 -> media();
      case 2 -> report();
      default -> index += input.u16();
    }
  }

  /** Nobody but the sender has the keys. */
  private void foreign(int kind) {
    byte[] bytes = input.bytes(input.u16() & 0x7ff);
    if ((kind & 4) != 0 && bytes.length > 11) {
      bytes[0] = (byte) (0x80 | bytes[0] & 0x3f);
      MemorySegment.ofArray(bytes).set(CipherPair.INT, (kind & 8) != 0 ? 8 : 4, SSRC);
    }
    assertTrue(pair.open(bytes) < 0);
    assertTrue(pair.openRtcp(bytes) < 0);
  }

  private void media() {
    index++;
    byte[] header = header();
    byte[] content = input.bytes(input.u16() % CONTENT_MAX);
    byte[] sealed = pair.onWire(pair.seal(index, header, content));
    byte[] changed = changed(sealed);
    if (!Arrays.equals(sealed, changed)) {
      assertTrue(pair.open(changed) < 0, "a change of any byte is found out");
    }
    // RFC 3711 §3.3.1: the receiver follows as long as it misses fewer than 2^15 packets.
    if (taken < 0 ? index >> 16 == 0 : index - taken < 1 << 15) {
      taken = index;
      int length = header.length + content.length;
      assertEquals(length, pair.open(sealed));
      byte[] opened = pair.onWire(length);
      assertArrayEquals(header, Arrays.copyOf(opened, header.length));
      assertArrayEquals(content, Arrays.copyOfRange(opened, header.length, length));
      assertTrue(pair.open(sealed) < 0, "taken once");
    }
  }

  /** One that the receiver has to walk: contributors and an extension of the fuzzer's. */
  private byte[] header() {
    int contributors = input.u8() & 0x0f;
    boolean extended = input.flag();
    byte[] extension = extended ? input.bytes((input.u8() & 0x3f) * 4) : new byte[0];
    int words = extension.length / 4;
    int fixed = 12 + 4 * contributors;
    byte[] header = Arrays.copyOf(CipherPair.header(SSRC, index), fixed + (extended ? 4 : 0));
    header[0] = (byte) (0x80 | (extended ? 0x10 : 0) | contributors);
    if (!extended) {
      return header;
    }
    MemorySegment.ofArray(header).set(CipherPair.SHORT, fixed + 2, (short) words);
    byte[] whole = Arrays.copyOf(header, header.length + 4 * words);
    System.arraycopy(extension, 0, whole, header.length, 4 * words);
    return whole;
  }

  private void report() {
    byte[] plain = Arrays.copyOf(CipherPair.report(SSRC, reports++), 8 + input.u8());
    byte[] sealed = pair.sealedRtcp(plain);
    byte[] changed = changed(sealed);
    if (!Arrays.equals(sealed, changed)) {
      assertTrue(pair.openRtcp(changed) < 0, "a change of any byte is found out");
    }
    assertEquals(plain.length, pair.openRtcp(sealed));
    assertArrayEquals(plain, pair.onWire(plain.length));
    assertTrue(pair.openRtcp(sealed) < 0, "taken once");
  }

  /** A packet after what may happen to it on the way. */
  private byte[] changed(byte[] sealed) {
    byte[] changed = sealed.clone();
    for (int changes = input.u8() & 3; changes > 0; changes--) {
      changed[input.u16() % changed.length] ^= (byte) input.u8();
    }
    int kind = input.u8();
    return switch (kind & 7) {
      case 1 -> Arrays.copyOf(changed, input.u16() % (changed.length + 1));
      case 2 -> Arrays.copyOf(changed, changed.length + input.u8());
      default -> changed;
    };
  }
}
