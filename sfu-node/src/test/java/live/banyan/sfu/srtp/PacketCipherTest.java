package live.banyan.sfu.srtp;

import static live.banyan.sfu.packet.PacketCipher.FORGED;
import static live.banyan.sfu.packet.PacketCipher.MALFORMED;
import static live.banyan.sfu.packet.PacketCipher.REPLAYED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets in a row: index, rollover, replay, and what strangers send. */
class PacketCipherTest {
  private static final int SSRC = 0xCAFEBABE;

  static Stream<Arguments> everyWay() {
    List<Arguments> all = new ArrayList<>();
    for (SrtpProfile profile : SrtpProfile.values()) {
      for (CryptoPath from : CryptoPath.values()) {
        for (CryptoPath to : CryptoPath.values()) {
          all.add(Arguments.of(profile, from, to));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void everyLengthArrives(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      for (int length = 0; length <= 1300; length += length < 40 ? 1 : 37) {
        byte[] content = CipherPair.bytes(length, length);
        byte[] header = CipherPair.header(SSRC, length);
        int sealed = pair.seal(length, header, content);
        assertTrue(sealed - 12 - length <= PacketCipher.MAX_OVERHEAD);
        byte[] wire = pair.onWire(sealed);
        assertArrayEquals(header, Arrays.copyOf(wire, 12));
        assertEquals(12 + length, pair.open(wire));
        byte[] plain = pair.onWire(12 + length);
        assertArrayEquals(header, Arrays.copyOf(plain, 12));
        assertArrayEquals(content, Arrays.copyOfRange(plain, 12, plain.length));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void reportsArriveWithAnIndexEach(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      for (int i = 0; i < 300; i++) {
        byte[] plain = CipherPair.report(SSRC + i % 3, i);
        byte[] sealed = pair.sealedRtcp(plain);
        assertArrayEquals(Arrays.copyOf(plain, 8), Arrays.copyOf(sealed, 8));
        assertEquals(plain.length, pair.openRtcp(sealed));
        assertArrayEquals(plain, pair.onWire(plain.length));
        assertEquals(REPLAYED, pair.openRtcp(sealed));
      }
      // The shortest compound: an empty receiver report, 8 bytes.
      byte[] empty = Arrays.copyOf(CipherPair.report(SSRC, 0), 8);
      assertEquals(8, pair.openRtcp(pair.sealedRtcp(empty)));
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void rolloverSurvivesLossAndReorder(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      Random random = new Random(11);
      List<Long> order = new ArrayList<>();
      for (long index = 60_000; index < 60_000 + 3 * 65_536L; index += 1 + random.nextInt(700)) {
        order.add(index);
      }
      for (int i = 0; i + 1 < order.size(); i++) {
        if (random.nextInt(4) == 0) {
          order.add(i, order.remove(i + 1));
          i++;
        }
      }
      long highest = -1;
      int opened = 0;
      for (long index : order) {
        byte[] content = CipherPair.bytes((int) index, 60);
        int result = pair.open(pair.sealed(SSRC, index, content));
        if (highest - index >= 1024) {
          assertEquals(REPLAYED, result);
          continue;
        }
        assertEquals(72, result, "index " + index + " after " + highest);
        assertArrayEquals(content, Arrays.copyOfRange(pair.onWire(72), 12, 72));
        highest = Math.max(highest, index);
        opened++;
      }
      assertTrue(highest > 3 * 65_536 && opened > 400, opened + " opened");
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketIsTakenOnce(SrtpProfile profile) {
    try (CipherPair pair = new CipherPair(profile, best(), best())) {
      List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        sent.add(pair.sealed(SSRC, 65_000 + i, new byte[] {(byte) i}));
      }
      // The first tells where the receiver's rollover counter starts.
      assertEquals(13, pair.open(sent.get(0)));
      // In windows of 1,024, backwards inside each, leaving every seventh out.
      for (int start = 0; start < 3000; start += 1000) {
        for (int i = start + 999; i >= start; i--) {
          if (i % 7 != 0) {
            assertEquals(13, pair.open(sent.get(i)), "packet " + i);
          }
        }
      }
      for (int i = 0; i < 3000; i++) {
        boolean late = i > 2999 - 1024 && i % 7 == 0;
        assertEquals(late ? 13 : REPLAYED, pair.open(sent.get(i)), "packet " + i);
        assertEquals(REPLAYED, pair.open(sent.get(i)), "packet " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CryptoPath.class)
  void theSamePacketMayBeSealedTwice(CryptoPath path) {
    for (SrtpProfile profile : SrtpProfile.values()) {
      try (CipherPair pair = new CipherPair(profile, path, path)) {
        byte[] once = pair.sealed(SSRC, 5, new byte[] {1, 2, 3});
        assertArrayEquals(once, pair.sealed(SSRC, 5, new byte[] {1, 2, 3}));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketBeforeTheFirstIsTooOld(SrtpProfile profile) {
    try (CipherPair pair = new CipherPair(profile, best(), best())) {
      byte[] early = pair.sealed(SSRC, 65_530, new byte[5]);
      assertEquals(17, pair.open(pair.sealed(SSRC, 3, new byte[5])));
      assertEquals(REPLAYED, pair.open(early));
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void oneWrongBitAnywhereIsForgery(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      byte[] media = pair.sealed(SSRC, 1, CipherPair.bytes(1, 40));
      for (int bit = 0; bit < 8 * media.length; bit++) {
        byte[] wrong = media.clone();
        wrong[bit / 8] ^= (byte) (0x80 >>> bit % 8);
        int result = pair.open(wrong);
        // Bits of version, CSRC count and extension change what the header claims.
        assertTrue(result == FORGED || (bit < 8 && result == MALFORMED), "bit " + bit);
      }
      byte[] report = pair.sealedRtcp(CipherPair.report(SSRC, 9));
      for (int bit = 0; bit < 8 * report.length; bit++) {
        byte[] wrong = report.clone();
        wrong[bit / 8] ^= (byte) (0x80 >>> bit % 8);
        int result = pair.openRtcp(wrong);
        assertTrue(result == FORGED || (bit < 2 && result == MALFORMED), "bit " + bit);
      }
      // None of it has left a trace.
      assertEquals(52, pair.open(media));
      assertEquals(32, pair.openRtcp(report));
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void aTruncatedPacketIsRefused(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      byte[] media = pair.sealed(SSRC, 1, CipherPair.bytes(1, 40));
      for (int length = 0; length < media.length; length++) {
        int result = pair.open(Arrays.copyOf(media, length));
        assertTrue(result == FORGED || result == MALFORMED, "length " + length);
      }
      byte[] report = pair.sealedRtcp(CipherPair.report(SSRC, 9));
      for (int length = 0; length < report.length; length++) {
        int result = pair.openRtcp(Arrays.copyOf(report, length));
        assertTrue(result == FORGED || result == MALFORMED, "length " + length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aReportInClearIsForgery(SrtpProfile profile) {
    try (CipherPair pair = new CipherPair(profile, best(), best())) {
      byte[] sealed = pair.sealedRtcp(CipherPair.report(SSRC, 9));
      int flag =
          sealed.length
              - switch (profile) {
                case AEAD_AES_128_GCM -> 4;
                case AES128_CM_SHA1_80 -> 14;
              };
      assertEquals((byte) 0x80, sealed[flag]);
      sealed[flag] &= 0x7F;
      assertEquals(FORGED, pair.openRtcp(sealed));
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void extensionsAndContributorsStayInClear(SrtpProfile profile, CryptoPath from, CryptoPath to) {
    try (CipherPair pair = new CipherPair(profile, from, to)) {
      // Two CSRCs and an extension of two words (RFC 3550 §5.3.1).
      byte[] header = Arrays.copyOf(CipherPair.header(SSRC, 77), 12 + 8 + 4 + 8);
      MemorySegment segment = MemorySegment.ofArray(header);
      segment.set(CipherPair.INT, 0, segment.get(CipherPair.INT, 0) | 0x12000000);
      segment.set(CipherPair.INT, 20, 0xBEDE0002);
      segment.set(CipherPair.INT, 24, 0x10FF0000);
      byte[] content = CipherPair.bytes(5, 500);
      byte[] wire = pair.onWire(pair.seal(77, header, content));
      assertArrayEquals(header, Arrays.copyOf(wire, header.length));
      assertEquals(header.length + 500, pair.open(wire));
      assertArrayEquals(
          content,
          Arrays.copyOfRange(pair.onWire(header.length + 500), header.length, header.length + 500));
      // An extension that claims to be longer than the packet.
      wire[23] = (byte) 0xFF;
      assertEquals(MALFORMED, pair.open(wire));
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void strangersFillNoTable(SrtpProfile profile) {
    try (CipherPair pair = new CipherPair(profile, best(), best(), 4)) {
      for (int i = 0; i < 1000; i++) {
        byte[] forged = pair.sealed(i, 1, new byte[20]);
        forged[20] ^= 1;
        assertEquals(FORGED, pair.open(forged));
        byte[] report = pair.sealedRtcp(CipherPair.report(i, 1));
        report[12] ^= 1;
        assertEquals(FORGED, pair.openRtcp(report));
      }
      for (int i = 0; i < 6; i++) {
        assertEquals(i < 4 ? 32 : MALFORMED, pair.open(pair.sealed(i, 1, new byte[20])));
        assertEquals(
            i < 4 ? 32 : MALFORMED, pair.openRtcp(pair.sealedRtcp(CipherPair.report(i, 1))));
      }
      assertEquals(32, pair.open(pair.sealed(3, 2, new byte[20])), "the known go on");
    }
  }

  @Test
  void manySourcesKeepTheirOwnRollover() {
    try (CipherPair pair = new CipherPair(SrtpProfile.AEAD_AES_128_GCM, best(), best(), 500)) {
      for (int step = 0; step < 8; step++) {
        for (int ssrc = 0; ssrc < 500; ssrc++) {
          long index = ssrc * 131L + step * 20_000L;
          assertEquals(13, pair.open(pair.sealed(ssrc * 0x10001, index, new byte[1])));
        }
      }
    }
  }

  @Test
  void theOtherDirectionsKeyOpensNothing() {
    try (CipherPair pair = new CipherPair(SrtpProfile.AEAD_AES_128_GCM, best(), best())) {
      byte[] sealed = pair.sealed(SSRC, 1, new byte[9]);
      pair.put(sealed);
      assertEquals(FORGED, pair.sender.unprotectRtp(pair.wire, CipherPair.AT, sealed.length));
    }
  }

  @ParameterizedTest
  @EnumSource(CryptoPath.class)
  void aClosedCipherRefuses(CryptoPath path) {
    for (SrtpProfile profile : SrtpProfile.values()) {
      CipherPair pair = new CipherPair(profile, path, path);
      byte[] sealed = pair.sealed(SSRC, 1, new byte[9]);
      pair.close();
      pair.close();
      assertThrows(IllegalStateException.class, () -> pair.open(sealed));
      assertThrows(IllegalStateException.class, () -> pair.sealed(SSRC, 2, new byte[9]));
      assertThrows(IllegalStateException.class, () -> pair.openRtcp(sealed));
    }
  }

  @Test
  void bugsOfTheCallerAreThrown() {
    try (CipherPair pair = new CipherPair(SrtpProfile.AEAD_AES_128_GCM, best(), best())) {
      byte[] header = CipherPair.header(SSRC, 5);
      assertThrows(
          IllegalArgumentException.class, () -> pair.seal(6, header, new byte[3]), "other index");
      assertThrows(
          IllegalArgumentException.class, () -> pair.seal(1L << 48 | 5, header, new byte[3]));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> pair.receiver.unprotectRtp(pair.wire, 4000, 97),
          "past the end");
      assertThrows(
          IllegalArgumentException.class,
          () -> pair.receiver.unprotectRtp(MemorySegment.ofArray(new byte[100]), 0, 100));
    }
  }

  @Test
  void theNativePathAllocatesNothingPerPacket() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    for (SrtpProfile profile : SrtpProfile.values()) {
      try (CipherPair pair = new CipherPair(profile, CryptoPath.LIBCRYPTO, CryptoPath.LIBCRYPTO)) {
        int packets = 25_000;
        long index = 0;
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 30 && allocated >= packets; round++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          index = exchange(pair, index, packets);
          allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < packets, profile + " allocated " + allocated + " bytes");
      }
    }
  }

  private static long exchange(CipherPair pair, long first, int packets) {
    MemorySegment wire = pair.wire;
    long index = first;
    for (int i = 0; i < packets; i++, index++) {
      wire.set(CipherPair.INT, 64, 0x80600000 | (int) (index & 0xFFFF));
      wire.set(CipherPair.INT, 72, SSRC);
      int sealed = pair.sender.protectRtp(index, wire, 64, 12, wire, 2048, 1000);
      if (pair.receiver.unprotectRtp(wire, 64, sealed) != 1012) {
        throw new AssertionError("packet " + index);
      }
      if (i % 16 == 0) {
        wire.set(CipherPair.INT, 0, 0x81C90003);
        wire.set(CipherPair.INT, 4, SSRC);
        if (pair.receiver.unprotectRtcp(wire, 0, pair.sender.protectRtcp(wire, 0, 16)) != 16) {
          throw new AssertionError("report " + index);
        }
      }
    }
    return index;
  }

  @Test
  void libcryptoIsUsedWhereItLoads() {
    // Debian 12 and the machines we build on have it; elsewhere the JDK's is the answer.
    String path = PacketCiphers.cryptoPath();
    assertTrue(path.equals("libcrypto") || path.equals("sunjce"), path);
    if (java.nio.file.Files.exists(
        java.nio.file.Path.of("/usr/lib/x86_64-linux-gnu/libcrypto.so.3"))) {
      assertEquals("libcrypto", path);
    }
  }

  private static CryptoPath best() {
    return PacketCiphers.cryptoPath().equals("libcrypto")
        ? CryptoPath.LIBCRYPTO
        : CryptoPath.SUNJCE;
  }
}
