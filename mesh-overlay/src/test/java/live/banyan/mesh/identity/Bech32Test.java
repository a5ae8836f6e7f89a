package live.banyan.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bech32Test {
  /** BIP 350, valid test vectors without data. */
  @Test
  void readsWhatTheProposalSays() {
    assertEquals(0, Bech32.read("a", "a1lqfn3a").orElseThrow().length);
    assertEquals(0, Bech32.read("a", "A1LQFN3A").orElseThrow().length);
    assertEquals(0, Bech32.read("?", "?1v759aa").orElseThrow().length);
    assertEquals("a1lqfn3a", Bech32.write("a", new byte[0]));
  }

  /** BIP 350, invalid ones, and one of the older checksum (BIP 173). */
  @ParameterizedTest
  @ValueSource(strings = {"a1lqfn3q", "a12uel5l", "A1LqfN3A", "a1lqfn3", "a1", "", "b1lqfn3a"})
  void refusesTheRest(String text) {
    assertEquals(Optional.empty(), Bech32.read("a", text));
  }

  @Property(tries = 300)
  void bytesComeBackInEitherCase(@ForAll @Size(max = 40) byte[] bytes) {
    String text = Bech32.write("ban", bytes);
    assertArrayEquals(bytes, Bech32.read("ban", text).orElseThrow());
    assertArrayEquals(bytes, Bech32.read("ban", text.toUpperCase(Locale.ROOT)).orElseThrow());
  }

  @Property(tries = 500)
  void upToFourTypingErrorsAreSeen(
      @ForAll @Size(32) byte[] bytes,
      @ForAll @Size(min = 1, max = 4) int[] where,
      @ForAll @IntRange(min = 1, max = 31) int by) {
    String alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    StringBuilder text = new StringBuilder(Bech32.write("ban", bytes));
    String right = text.toString();
    for (int at : where) {
      int i = 4 + Math.floorMod(at, text.length() - 4);
      int value = alphabet.indexOf(right.charAt(i));
      text.setCharAt(i, alphabet.charAt(value ^ by));
    }
    assertTrue(Bech32.read("ban", text.toString()).isEmpty(), text.toString());
  }
}
