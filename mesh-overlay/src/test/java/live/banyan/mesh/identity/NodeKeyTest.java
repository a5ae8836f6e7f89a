package live.banyan.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NodeKeyTest {
  /** RFC 8032, 7.1, test 2. */
  @Test
  void signsAsTheRfcSays() {
    NodeKey key =
        NodeKey.ofSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    assertArrayEquals(
        hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), key.publicKey());
    byte[] signature =
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    assertArrayEquals(signature, key.signingKey().sign(new byte[] {0x72}));
    assertTrue(SigningKey.verify(key.publicKey(), new byte[] {0x72}, signature));
    assertEquals(32, key.nodeId().length());
    assertTrue(NodeKey.isNodeId(key.nodeId()));
    assertFalse(key.toString().contains("4ccd"), "the secret is not printed");
  }

  @Property(tries = 200)
  void anyChangedBitSpoilsASignature(
      @ForAll @Size(32) byte[] seed,
      @ForAll @Size(max = 50) byte[] message,
      @ForAll @IntRange(max = 511) int bit) {
    NodeKey key = NodeKey.ofSeed(seed);
    byte[] signature = key.signingKey().sign(message);
    assertTrue(SigningKey.verify(key.publicKey(), message, signature));
    signature[bit / 8] ^= (byte) (1 << bit % 8);
    assertFalse(SigningKey.verify(key.publicKey(), message, signature));
  }

  @Test
  void strangersAcceptAKeyThatWasSearchedFor() {
    NodeKey found = NodeKey.generate(new java.util.SplittableRandom(7));
    assertTrue(found.hasWork());
    assertTrue(KeyWork.isIn(found.publicKey()));
    assertFalse(NodeKey.ofSeed(new byte[32]).hasWork(), "a key taken at random has none");
  }

  @Test
  void aSourceThatRepeatsItselfIsNoticed() {
    java.util.random.RandomGenerator same = () -> 0;
    assertThrows(IllegalStateException.class, () -> NodeKey.generate(same));
  }

  @Test
  void wrongLengthsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> NodeKey.ofSeed(new byte[31]));
    assertFalse(SigningKey.verify(new byte[31], new byte[1], new byte[64]));
    assertFalse(SigningKey.verify(new byte[32], new byte[1], new byte[63]));
    assertFalse(NodeKey.isNodeId("A".repeat(32)));
    assertFalse(NodeKey.isNodeId("a".repeat(31)));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
