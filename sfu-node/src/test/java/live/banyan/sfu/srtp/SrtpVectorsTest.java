package live.banyan.sfu.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The RFCs' own numbers. */
class SrtpVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] GCM_KEY = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
  private static final byte[] GCM_SALT = HEX.parseHex("517569642070726f2071756f");

  /** RFC 3711 appendix B.3. */
  @Test
  void sessionKeysOfRfc3711() {
    byte[] key = HEX.parseHex("e1f97a0d3e018be0d64fa32c06de4139");
    byte[] salt = HEX.parseHex("0ec675ad498afeebb6960b3aabe6");
    SessionKeys keys = SessionKeys.derive(SrtpProfile.AES128_CM_SHA1_80, key, salt);
    assertEquals("c61e7a93744f39ee10734afe3ff7a087", HEX.formatHex(keys.rtpKey()));
    assertEquals("30cbbc08863d8c85d49db34a9ae1", HEX.formatHex(keys.rtpSalt()));
    assertEquals(
        "cebe321f6ff7716b6fd4ab49af256a156d38baa4", HEX.formatHex(keys.rtpAuthentication()));
    keys.wipe();
    assertArrayEquals(new byte[16], keys.rtpKey());
    assertArrayEquals(new byte[14], keys.rtcpSalt());
  }

  /** RFC 3711 appendix B.2: the keystream, also where the counter carries. */
  @ParameterizedTest
  @EnumSource(CryptoPath.class)
  void keystreamOfRfc3711(CryptoPath path) {
    byte[] key = HEX.parseHex("2b7e151628aed2a6abf7158809cf4f3c");
    byte[] salt = HEX.parseHex("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    byte[] none = new byte[20];
    try (Arena arena = Arena.ofConfined();
        SrtpTransform transform =
            path.counterHmac(new SessionKeys(key, none, salt, key, none, salt))) {
      MemorySegment zeros = arena.allocate(0xff02L * 16);
      MemorySegment packet = arena.allocate(zeros.byteSize() + 64);
      transform.sealRtp(0, 0, packet, 0, 12, zeros, 0, (int) zeros.byteSize());
      assertEquals(
          "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
              + "41e95b3bb0a2e8dd477901e4fca894c0",
          HEX.formatHex(packet.asSlice(12, 48).toArray(ValueLayout.JAVA_BYTE)));
      assertEquals(
          "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae"
              + "6a2cc3787889374fbeb4c81b17ba6c44",
          HEX.formatHex(packet.asSlice(12 + 0xfeffL * 16, 48).toArray(ValueLayout.JAVA_BYTE)));
    }
  }

  /** RFC 7714 §16.1. */
  @ParameterizedTest
  @EnumSource(CryptoPath.class)
  void gcmPacketOfRfc7714(CryptoPath path) {
    // The self test asks exactly this.
    SelfTest.run(path);
  }

  /** RFC 7714 §17.1: an encrypted sender report with index 5d4. */
  @ParameterizedTest
  @EnumSource(CryptoPath.class)
  void gcmReportOfRfc7714(CryptoPath path) {
    byte[] plain =
        HEX.parseHex(
            "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
                + "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    String sealed =
        "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46"
            + "86303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4";
    byte[] none = new byte[0];
    SessionKeys keys = new SessionKeys(GCM_KEY, none, GCM_SALT, GCM_KEY, none, GCM_SALT);
    try (Arena arena = Arena.ofConfined();
        SrtpTransform sealing = path.gcm(keys, true);
        SrtpTransform opening = path.gcm(keys, false)) {
      MemorySegment packet = arena.allocate(plain.length + sealing.rtcpOverhead(), 8);
      MemorySegment.copy(plain, 0, packet, ValueLayout.JAVA_BYTE, 0, plain.length);
      sealing.sealRtcp(0x4d617273, 0x5d4, packet, 0, plain.length);
      assertEquals(sealed, HEX.formatHex(packet.toArray(ValueLayout.JAVA_BYTE)));
      assertTrue(opening.openRtcp(0x4d617273, 0x5d4, packet, 0, (int) packet.byteSize()));
      assertArrayEquals(plain, packet.asSlice(0, plain.length).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void keysOfTheWrongLengthAreRefused() {
    SrtpKeys mixedUp =
        new SrtpKeys(
            SrtpProfile.AES128_CM_SHA1_80, new byte[16], new byte[12], new byte[16], new byte[12]);
    assertThrows(IllegalArgumentException.class, () -> PacketCiphers.create(mixedUp).close());
  }
}
