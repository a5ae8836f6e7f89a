package live.banyan.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SignedTest {
  private static final SigningKey KEY = SigningKey.ofSeed(new byte[32]);

  /** Version 1, which every later version must go on reading. */
  @Test
  void keepsItsForm() throws MalformedException {
    Signed signed = Signed.sign(KEY, SignedType.NODE, new byte[] {1, 2, 3});
    String form =
        "85"
            + "01" // version
            + "01" // a node record
            + "58203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
            + "43010203"
            + "5840";
    String hex = HexFormat.of().formatHex(signed.bytes());
    assertEquals(form, hex.substring(0, form.length()));
    byte[] signature = HexFormat.of().parseHex(hex.substring(form.length()));
    byte[] signedPart = HexFormat.of().parseHex(form.substring(0, form.length() - 4));
    assertTrue(SigningKey.verify(KEY.publicKey(), signedPart, signature));
    Signed read = Signed.read(signed.bytes());
    assertEquals(SignedType.NODE, read.type());
    assertArrayEquals(new byte[] {1, 2, 3}, read.payload());
    assertTrue(read.isVerified());
  }

  @Property(tries = 300)
  void anyChangedBitIsSeen(@ForAll @Size(max = 60) byte[] payload, @ForAll int where) {
    byte[] bytes = Signed.sign(KEY, SignedType.SEALED, payload).bytes().clone();
    int bit = Math.floorMod(where, bytes.length * 8);
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    try {
      assertFalse(Signed.read(bytes).isVerified(), "bit " + bit);
    } catch (MalformedException e) {
      // Seen even earlier.
    }
  }

  @Property(tries = 200)
  void anyCutIsSeen(@ForAll @IntRange(max = 109) int length) {
    byte[] bytes = Signed.sign(KEY, SignedType.SEALED, new byte[2]).bytes();
    byte[] cut = java.util.Arrays.copyOf(bytes, Math.min(length, bytes.length - 1));
    assertThrows(MalformedException.class, () -> Signed.read(cut));
  }

  @Test
  void otherVersionsAndTypesAreMalformed() {
    for (int[] head : new int[][] {{0, 1}, {2, 1}, {1, 0}, {1, 8}, {1, 200}}) {
      byte[] bytes =
          new CborWriter(5)
              .number(head[0])
              .number(head[1])
              .bytes(KEY.publicKey())
              .bytes(new byte[0])
              .bytes(new byte[64])
              .finish();
      assertThrows(MalformedException.class, () -> Signed.read(bytes));
    }
  }

  @Test
  void tooLongAPayloadIsRefusedOnBothSides() {
    byte[] payload = new byte[Signed.PAYLOAD_BYTES_MAX + 1];
    assertThrows(IllegalArgumentException.class, () -> Signed.sign(KEY, SignedType.FOUND, payload));
    byte[] bytes =
        new CborWriter(5)
            .number(1)
            .number(7)
            .bytes(KEY.publicKey())
            .bytes(payload)
            .bytes(new byte[64])
            .finish();
    assertThrows(MalformedException.class, () -> Signed.read(bytes));
  }
}
