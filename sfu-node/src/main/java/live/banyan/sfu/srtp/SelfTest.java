package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Known answers, asked once per process before a native library is trusted with media: the same
 * symbols may come from a library that disables an algorithm or has another structure size.
 */
final class SelfTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String HEADER = "8040f17b8041f8d35501a0b2";
  private static final String PLAIN =
      "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";

  /** RFC 7714 §16.1.1: the packet of SSRC 5501a0b2 under key 00..0f. */
  private static final String GCM_SALT = "517569642070726f2071756f";

  private static final String GCM_SEALED =
      "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";

  /** The same packet under AES128_CM_SHA1_80; agreed upon by the JDK and libcrypto. */
  private static final String COUNTER_SALT = "517569642070726f2071756f0000";

  private static final String COUNTER_SEALED =
      "128b83d7e2e363fc7955ccf6b1db7a98e8571f9397cab2b86254857d41053ee6b7df3bbc17b6008c583f96628f4bc45f";

  private static final int SSRC = 0x5501a0b2;
  private static final long INDEX = 0xf17b;
  private static final int HEADER_LENGTH = 12;

  private SelfTest() {}

  /**
   * Asks the path.
   *
   * @throws IllegalStateException when an answer is wrong
   * @throws LinkageError when the path does not load
   */
  static void run(CryptoPath path) {
    byte[] key = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
    byte[] authentication = Arrays.copyOf(key, 20);
    byte[] gcmSalt = HEX.parseHex(GCM_SALT);
    byte[] none = new byte[0];
    SessionKeys gcm = new SessionKeys(key, none, gcmSalt, key, none, gcmSalt);
    check(path.gcm(gcm, true), path.gcm(gcm, false), GCM_SEALED);
    byte[] salt = HEX.parseHex(COUNTER_SALT);
    SessionKeys counter = new SessionKeys(key, authentication, salt, key, authentication, salt);
    check(path.counterHmac(counter), path.counterHmac(counter), COUNTER_SEALED);
  }

  private static void check(SrtpTransform sealing, SrtpTransform opening, String sealedHex) {
    byte[] header = HEX.parseHex(HEADER);
    byte[] plain = HEX.parseHex(PLAIN);
    byte[] sealed = HEX.parseHex(HEADER + sealedHex);
    try (sealing;
        opening;
        Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(sealed.length, 8);
      MemorySegment payload = arena.allocate(plain.length, 8);
      MemorySegment.copy(header, 0, packet, ValueLayout.JAVA_BYTE, 0, header.length);
      MemorySegment.copy(plain, 0, payload, ValueLayout.JAVA_BYTE, 0, plain.length);
      sealing.sealRtp(SSRC, INDEX, packet, 0, HEADER_LENGTH, payload, 0, plain.length);
      if (!Arrays.equals(packet.toArray(ValueLayout.JAVA_BYTE), sealed)) {
        throw new IllegalStateException("SRTP self test: sealing gives other bytes");
      }
      if (!opening.openRtp(SSRC, INDEX, packet, 0, HEADER_LENGTH, sealed.length)
          || packet.asSlice(HEADER_LENGTH, plain.length).mismatch(payload) >= 0) {
        throw new IllegalStateException("SRTP self test: opening gives other bytes");
      }
      packet.set(ValueLayout.JAVA_BYTE, 0, (byte) (header[0] ^ 1));
      if (opening.openRtp(SSRC, INDEX, packet, 0, HEADER_LENGTH, sealed.length)) {
        throw new IllegalStateException("SRTP self test: a forged packet is taken");
      }
    }
  }
}
