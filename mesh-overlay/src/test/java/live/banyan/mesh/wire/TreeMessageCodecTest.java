package live.banyan.mesh.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.wire.TreeMessage.Accept;
import live.banyan.mesh.wire.TreeMessage.Draining;
import live.banyan.mesh.wire.TreeMessage.DrainingSeen;
import live.banyan.mesh.wire.TreeMessage.Join;
import live.banyan.mesh.wire.TreeMessage.Keep;
import live.banyan.mesh.wire.TreeMessage.Leave;
import live.banyan.mesh.wire.TreeMessage.Left;
import live.banyan.mesh.wire.TreeMessage.Path;
import live.banyan.mesh.wire.TreeMessage.Pending;
import live.banyan.mesh.wire.TreeMessage.Probe;
import live.banyan.mesh.wire.TreeMessage.ProbeOk;
import live.banyan.mesh.wire.TreeMessage.Reason;
import live.banyan.mesh.wire.TreeMessage.Redirect;
import live.banyan.mesh.wire.TreeMessage.Reject;
import live.banyan.mesh.wire.TreeMessage.UpstreamLost;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TreeMessageCodecTest {
  private static final String A = "0123456789abcdef0123456789abcdef";
  private static final String B = "f".repeat(32);
  private static final String LONG = "c".repeat(64) + "/" + "n".repeat(64);

  private static final List<TreeMessage> ALL =
      List.of(
          new Join("s", 1, 2, new byte[] {1, 2, 3}),
          new Accept("a/b", Long.MAX_VALUE, 7, List.of(A, B), 1, 2, new byte[] {9}),
          new Pending("s", 3),
          new Redirect("s", 3, List.of(B, A)),
          new Reject("s", 0, Reason.NOT_A_CHILD),
          new Keep("s", 0),
          new Path("s", 300, List.of(A)),
          new UpstreamLost("s", 70_000),
          new Leave("s", 4),
          new Left("s", 5),
          new Draining("s", List.of()),
          new DrainingSeen("s"),
          new Join("s", 1, 2, new byte[] {1, 2, 3}, 0, false),
          new Join("s", 1, 2, new byte[0], 7, true),
          new Keep("s", 500, 3, TreeMessage.ROOM_MAX),
          new Probe("s", Long.MAX_VALUE, 3, true),
          new ProbeOk("s", 6, 1, List.of(B, A), 24, List.of(A)));

  /**
   * What a node of version 1 said, in the order of {@link #ALL}: kept as bytes, since what
   * strangers have in use does not change with this program.
   */
  private static final List<String> SAID_BY_VERSION_1 =
      List.of(
          "0185016173010243010203",
          "01880263612f621b7fffffffffffffff0782500123456789abcdef0123456789abcdef50ffffffffffffffffffffffffffffffff01024109",
          "018303617303",
          "0184046173038250ffffffffffffffffffffffffffffffff500123456789abcdef0123456789abcdef",
          "01840561730007",
          "018306617300",
          "018407617319012c81500123456789abcdef0123456789abcdef",
          "01830861731a00011170",
          "018309617304",
          "01830a617305",
          "01830b617380",
          "01820c6173");

  @Test
  void everyMessageComesBack() {
    for (TreeMessage message : ALL) {
      assertEquals(message, TreeMessageCodec.decode(TreeMessageCodec.encode(message)));
    }
  }

  @Test
  void theBytesAreThoseOfRfc8949() {
    // version 1, array(3): 6, "s", 500
    assertArrayEquals(
        new byte[] {1, (byte) 0x83, 6, 0x61, 's', 0x19, 0x01, (byte) 0xf4},
        TreeMessageCodec.encode(new Keep("s", 500)));
  }

  @Test
  void whatVersion1SaidIsUnderstood() {
    for (int i = 0; i < SAID_BY_VERSION_1.size(); i++) {
      byte[] kept = HexFormat.of().parseHex(SAID_BY_VERSION_1.get(i));
      assertEquals(ALL.get(i), TreeMessageCodec.decode(kept));
      assertArrayEquals(
          kept, TreeMessageCodec.encode(ALL.get(i)), "version 1 understands it still");
    }
  }

  /** A node of version 1 drops these by their first byte, and they alone are said so. */
  @Test
  void whatVersion1HasNotIsSaidInVersion2() {
    for (TreeMessage message : ALL.subList(SAID_BY_VERSION_1.size(), ALL.size())) {
      assertEquals(2, TreeMessageCodec.encode(message)[0]);
    }
    // version 2, array(5): 6, "s", 500, 3, 4
    assertArrayEquals(
        new byte[] {2, (byte) 0x85, 6, 0x61, 's', 0x19, 0x01, (byte) 0xf4, 3, 4},
        TreeMessageCodec.encode(new Keep("s", 500, 3, 4)));
    // version 2, array(5): 13, "s", 7, 8, false
    assertArrayEquals(
        new byte[] {2, (byte) 0x85, 13, 0x61, 's', 7, 8, (byte) 0xf4},
        TreeMessageCodec.encode(new Probe("s", 7, 8, false)));
    // version 2, array(7): 1, "s", 1, 2, h'09', 8, true
    assertArrayEquals(
        new byte[] {2, (byte) 0x87, 1, 0x61, 's', 1, 2, 0x41, 9, 8, (byte) 0xf5},
        TreeMessageCodec.encode(new Join("s", 1, 2, new byte[] {9}, 8, true)));
  }

  /** One form for each message: nothing of version 1 comes in version 2, or the other way round. */
  @Test
  void aMessageInAnotherVersionIsNone() {
    for (TreeMessage message : ALL) {
      byte[] bytes = TreeMessageCodec.encode(message);
      bytes[0] = (byte) (3 - bytes[0]);
      assertMalformed(bytes);
      bytes[0] = 3;
      assertMalformed(bytes);
      bytes[0] = 0;
      assertMalformed(bytes);
    }
  }

  @Test
  void theLargestMessagesFitADatagram() {
    List<String> path = Collections.nCopies(TreeMessage.PATH_MAX, A);
    List<TreeMessage> largest =
        List.of(
            new Accept(
                LONG,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                path,
                15,
                16,
                new byte[TreeMessage.DESCRIPTION_PART_BYTES]),
            new Join(
                LONG,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                new byte[TreeMessage.POSITIONS_BYTES_MAX],
                TreeMessage.ROOM_MAX,
                true),
            new Path(LONG, Long.MAX_VALUE, path),
            new ProbeOk(
                LONG,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                path,
                TreeMessage.ROOM_MAX,
                Collections.nCopies(TreeMessage.CANDIDATES_MAX, B)),
            new Redirect(LONG, Long.MAX_VALUE, Collections.nCopies(TreeMessage.CANDIDATES_MAX, B)));
    for (TreeMessage message : largest) {
      byte[] bytes = TreeMessageCodec.encode(message);
      assertTrue(bytes.length <= LinkTransport.MESSAGE_BYTES_MAX, message.getClass().getName());
      assertEquals(message, TreeMessageCodec.decode(bytes));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> TreeMessageCodec.encode(new Join("s", 1, 1, new byte[1100])));
  }

  @Test
  void limitsHoldOnTheWayIn() {
    assertMalformed(
        TreeMessageCodec.encode(
            new Redirect("s", 1, Collections.nCopies(TreeMessage.CANDIDATES_MAX + 1, A))));
    assertMalformed(
        TreeMessageCodec.encode(
            new Join("s", 1, 1, new byte[TreeMessage.POSITIONS_BYTES_MAX + 1])));
    assertMalformed(TreeMessageCodec.encode(new Accept("s", 1, 1, List.of(A), 2, 2, new byte[0])));
    assertMalformed(TreeMessageCodec.encode(new Accept("s", 1, 1, List.of(), 0, 1, new byte[0])));
    assertMalformed(TreeMessageCodec.encode(new Keep("s", -1)));
    assertMalformed(TreeMessageCodec.encode(new Keep("s", 1, TreeMessage.ROOM_MAX + 1, 0)));
    assertMalformed(TreeMessageCodec.encode(new Keep("s", 1, 0, -1)));
    assertMalformed(
        TreeMessageCodec.encode(new Join("s", 1, 1, new byte[0], TreeMessage.ROOM_MAX + 1, false)));
    assertMalformed(TreeMessageCodec.encode(new ProbeOk("s", 1, 1, List.of(), 0, List.of())));
    assertMalformed(
        TreeMessageCodec.encode(
            new ProbeOk("s", 1, 1, List.of(A), TreeMessage.ROOM_MAX + 1, List.of())));
    assertMalformed(new byte[0]);
    assertMalformed(new byte[LinkTransport.MESSAGE_BYTES_MAX + 1]);
    byte[] other = TreeMessageCodec.encode(new Leave("s", 4));
    other[0] = 2;
    assertMalformed(other);
    byte[] longer = Arrays.copyOf(TreeMessageCodec.encode(new Leave("s", 4)), 9);
    assertMalformed(longer);
  }

  /** A byte string that claims 2 GB costs nothing. */
  @Test
  void aLieAboutALengthIsFoundOut() {
    assertMalformed(
        new byte[] {1, (byte) 0x85, 1, 0x61, 's', 1, 1, 0x5a, 0x7f, -1, -1, -1, 0, 0, 0});
  }

  @Provide
  Arbitrary<TreeMessage> messages() {
    return Arbitraries.of(ALL);
  }

  @Property(tries = 3000)
  void changedBytesGiveAValue(
      @ForAll("messages") TreeMessage message,
      @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1 << 20) Integer> changes,
      @ForAll boolean cut) {
    byte[] bytes = TreeMessageCodec.encode(message);
    for (int change : changes) {
      bytes[change % bytes.length] = (byte) (change >> 8);
    }
    if (cut) {
      bytes = Arrays.copyOf(bytes, changes.get(0) % (bytes.length + 1));
    }
    Decoded decoded = TreeMessageCodec.decode(bytes);
    if (decoded instanceof TreeMessage understood) {
      // What was understood can be said again, and is understood alike.
      assertEquals(understood, TreeMessageCodec.decode(TreeMessageCodec.encode(understood)));
    }
  }

  @Property(tries = 3000)
  void randomBytesGiveAValue(@ForAll @Size(max = 80) byte[] noise) {
    byte[] bytes = new byte[noise.length + 1];
    bytes[0] = TreeMessageCodec.VERSION;
    System.arraycopy(noise, 0, bytes, 1, noise.length);
    assertNotNull(TreeMessageCodec.decode(bytes));
    assertNotNull(TreeMessageCodec.decode(noise));
  }

  private static void assertMalformed(byte[] bytes) {
    assertInstanceOf(Decoded.Malformed.class, TreeMessageCodec.decode(bytes));
  }
}
