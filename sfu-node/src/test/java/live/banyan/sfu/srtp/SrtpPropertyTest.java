package live.banyan.sfu.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import live.banyan.sfu.packet.SrtpProfile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The two implementations agree on every byte, and nothing hostile gets through or throws. */
class SrtpPropertyTest {
  @Provide
  Arbitrary<byte[]> headers() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 15),
            Arbitraries.integers().between(-1, 20),
            Arbitraries.integers(),
            Arbitraries.bytes().array(byte[].class).ofSize(160))
        .as(SrtpPropertyTest::header);
  }

  private static byte[] header(int contributors, int extensionWords, int ssrc, byte[] noise) {
    int extension = extensionWords < 0 ? 0 : 4 + 4 * extensionWords;
    byte[] header = Arrays.copyOf(noise, 12 + 4 * contributors + extension);
    header[0] = (byte) (0x80 | (extension > 0 ? 0x10 : 0) | contributors);
    MemorySegment segment = MemorySegment.ofArray(header);
    segment.set(CipherPair.INT, 8, ssrc);
    if (extension > 0) {
      segment.set(CipherPair.SHORT, 12 + 4 * contributors + 2, (short) extensionWords);
    }
    return header;
  }

  @Property(tries = 150)
  void bothSealAlikeAndOpenEachOther(
      @ForAll SrtpProfile profile,
      @ForAll("headers") byte[] header,
      @ForAll @LongRange(min = 0, max = (1L << 48) - 1) long index,
      @ForAll @Size(max = 300) byte[] content) {
    MemorySegment.ofArray(header).set(CipherPair.SHORT, 2, (short) index);
    try (CipherPair there = new CipherPair(profile, CryptoPath.LIBCRYPTO, CryptoPath.SUNJCE);
        CipherPair back = new CipherPair(profile, CryptoPath.SUNJCE, CryptoPath.LIBCRYPTO)) {
      byte[] one = there.onWire(there.seal(index, header, content));
      byte[] other = back.onWire(back.seal(index, header, content));
      assertArrayEquals(one, other);
      int plain = header.length + content.length;
      if (index < 65_536) {
        for (CipherPair pair : List.of(there, back)) {
          assertEquals(plain, pair.open(one));
          assertArrayEquals(header, pair.onWire(header.length));
          assertArrayEquals(content, Arrays.copyOfRange(pair.onWire(plain), header.length, plain));
        }
      } else {
        // A receiver starts with rollover 0, so a later packet must look forged to it.
        assertEquals(-1, there.open(one));
      }
    }
  }

  @Property(tries = 200)
  void aMutatedPacketIsNeverTaken(
      @ForAll SrtpProfile profile,
      @ForAll CryptoPath path,
      @ForAll("headers") byte[] header,
      @ForAll @IntRange(max = 2000) int at,
      @ForAll @IntRange(min = 1, max = 255) int flip,
      @ForAll @IntRange(min = -20, max = 20) int growth) {
    MemorySegment.ofArray(header).set(CipherPair.SHORT, 2, (short) 9);
    try (CipherPair pair = new CipherPair(profile, path, path)) {
      byte[] good = pair.onWire(pair.seal(9, header, new byte[60]));
      byte[] bad = Arrays.copyOf(good, good.length + growth);
      if (growth == 0) {
        bad[at % bad.length] ^= (byte) flip;
      }
      assertTrue(pair.open(bad) < 0);
      assertEquals(header.length + 60, pair.open(good));
      byte[] report = pair.sealedRtcp(CipherPair.report(1, 2));
      byte[] badReport = Arrays.copyOf(report, report.length + growth);
      if (growth == 0) {
        badReport[at % badReport.length] ^= (byte) flip;
      }
      assertTrue(pair.openRtcp(badReport) < 0);
      assertEquals(32, pair.openRtcp(report));
    }
  }

  @Property(tries = 200)
  void randomBytesAreNeverTaken(
      @ForAll SrtpProfile profile, @ForAll CryptoPath path, @ForAll @Size(max = 200) byte[] noise) {
    try (CipherPair pair = new CipherPair(profile, path, path)) {
      assertTrue(pair.open(noise) < 0);
      assertTrue(pair.openRtcp(noise) < 0);
      if (noise.length > 0) {
        byte[] plausible = noise.clone();
        plausible[0] = (byte) (0x80 | plausible[0] & 0x3F);
        assertTrue(pair.open(plausible) < 0);
        assertTrue(pair.openRtcp(plausible) < 0);
      }
    }
  }

  /** The window against a set that forgets nothing. */
  @Property(tries = 150)
  void theWindowIsASetThatForgets(
      @ForAll @IntRange(min = 6, max = 10) int bits,
      @ForAll @Size(min = 1, max = 400) List<@IntRange(min = -1500, max = 1500) Integer> steps) {
    int size = 1 << bits;
    long start = 1 << 20;
    ReplayWindow window = new ReplayWindow(size, start);
    TreeSet<Long> seen = new TreeSet<>(List.of(start));
    for (int step : steps) {
      // Mostly near the edge, where mistakes live.
      long index = seen.last() + (step % 3 == 0 ? step : step % 70);
      boolean expected = seen.contains(index) || seen.last() - index >= size;
      assertEquals(expected, window.refuses(index), "index " + index);
      if (!expected) {
        window.accept(index);
        seen.add(index);
      }
    }
  }

  /** RFC 3711 §3.3.1: right as long as a packet is less than 2^15 away from the highest. */
  @Property
  void theEstimateFindsEveryIndexNearby(
      @ForAll @LongRange(min = 0, max = 1L << 40) long highest,
      @ForAll @IntRange(min = -32_767, max = 32_767) int distance) {
    ReplayWindow window = new ReplayWindow(64, highest);
    long index = highest + distance;
    assertEquals(index, window.estimate((int) (index & 0xFFFF)));
  }
}
