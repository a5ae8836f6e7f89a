package live.banyan.mesh.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CborFormTest {
  @ParameterizedTest(name = "[{index}] {0}")
  @ValueSource(
      strings = {
        "", // nothing
        "00", // no array
        "9f00ff", // an array without a count
        "8100ff", // something behind it
        "81", // an item is missing
        "811817", // 23 in two bytes
        "811900ff", // 255 in three
        "811a0000ffff", // 65,535 in five
        "811b00000000ffffffff", // 2^32 - 1 in nine
        "813817", // -24 in two bytes
        "815801aa", // the length 1 in two bytes
        "81780161", // the same of a text
        "8142aa", // a byte is missing
        "815f41aaff", // a byte string in pieces
        "817f6161ff", // a text in pieces
        "81a0", // a map
        "81c000", // a tag
        "81f6", // null
        "81f7", // undefined
        "81f93c00", // 1.0
        "81f818", // a simple value
        "811c", // reserved
        "9b7fffffffffffffff00", // more items than bytes
        "815bffffffffffffffff00", // longer than anything
        "8181818180", // too deep
      })
  void refuses(String hex) {
    assertThrows(MalformedException.class, () -> CborForm.check(HexFormat.of().parseHex(hex)));
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @ValueSource(
      strings = {
        "80",
        "8100",
        "811818",
        "81190100",
        "811a00010000",
        "811b0000000100000000",
        "8120",
        "813818",
        "8140",
        "8141aa",
        "816161",
        "81f4",
        "81f5",
        "81818180",
        "811bffffffffffffffff"
      })
  void accepts(String hex) {
    assertDoesNotThrow(() -> CborForm.check(HexFormat.of().parseHex(hex)));
  }

  @Property(tries = 500)
  void whateverIsWrittenIsInTheForm(
      @ForAll long number, @ForAll String text, @ForAll @Size(max = 300) byte[] bytes)
      throws MalformedException {
    byte[] written =
        new CborWriter(5)
            .number(number)
            .text(text.replaceAll("[\\ud800-\\udfff]", "?"))
            .bytes(bytes)
            .list(2)
            .number(number >>> 40)
            .flag(true)
            .endList()
            .texts(List.of("a"))
            .finish();
    CborReader in = new CborReader(written);
    assertEquals(number, in.number(Long.MIN_VALUE, Long.MAX_VALUE));
    in.text(Integer.MAX_VALUE);
    assertArrayEquals(bytes, in.bytes(300));
    assertEquals(2, in.list(2));
    assertEquals(number >>> 40, in.number(0, Long.MAX_VALUE));
    assertEquals(true, in.flag());
    in.endList();
    assertEquals(List.of("a"), in.texts(1, 1));
    in.end();
  }

  /** The library writes texts of these lengths in different ways. */
  @Property(tries = 600)
  void textsOfAnyLengthAreInTheForm(@ForAll @IntRange(max = 600) int length, @ForAll boolean wide)
      throws MalformedException {
    String text = (wide ? "\u00e9" : "e").repeat(length);
    byte[] written = new CborWriter(1).text(text).finish();
    assertEquals(text, new CborReader(written).text(length));
  }

  @Test
  void aListThatIsLongerThanAllowedIsRefused() throws MalformedException {
    byte[] written = new CborWriter(1).list(3).number(1).number(2).number(3).endList().finish();
    assertEquals(3, new CborReader(written).list(3));
    assertThrows(MalformedException.class, () -> new CborReader(written).list(2));
    CborReader in = new CborReader(Arrays.copyOf(written, written.length));
    in.list(3);
    in.number(1, 1);
    assertThrows(MalformedException.class, in::endList);
  }
}
