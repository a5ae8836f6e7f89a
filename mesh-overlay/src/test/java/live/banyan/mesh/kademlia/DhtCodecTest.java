package live.banyan.mesh.kademlia;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.identity.WorkedKeys;
import live.banyan.mesh.wire.Endpoint;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DhtCodecTest {
  private static final NodeKey KEY = WorkedKeys.get(0);
  private static final Endpoint V4 = Endpoint.of(new byte[] {(byte) 198, 51, 100, 23}, 4433);
  private static final Endpoint V6 =
      Endpoint.of(HexFormat.of().parseHex("20010db8000100020003000400050006"), 65_535);
  private static final Point TARGET = new Point(0x0123456789abcdefL, -2);

  private static final List<DhtMessage> ALL =
      List.of(
          new DhtMessage.Find(7, KEY.nodeId(), TARGET, 9, false),
          new DhtMessage.Find(Long.MAX_VALUE, "", TARGET, 0, true),
          new DhtMessage.Store(8, KEY.nodeId(), 300, new byte[] {1, 2, 3}),
          new DhtMessage.Found(
              9,
              KEY.nodeId(),
              V4,
              V6,
              70_000,
              List.of(
                  Contact.of(WorkedKeys.get(1).nodeId(), V6),
                  Contact.of(WorkedKeys.get(2).nodeId(), V4)),
              List.of(new byte[] {4}, new byte[300])),
          new DhtMessage.Token(10, Long.MAX_VALUE),
          new DhtMessage.Stored(11, true),
          new DhtMessage.Versions(12, 1, 3));

  @Test
  void everyMessageComesBack() {
    for (DhtMessage message : ALL) {
      byte[] bytes = DhtCodec.encode(message, KEY);
      DhtMessage read = DhtCodec.decode(bytes).orElseThrow();
      assertEquals(message.getClass(), read.getClass());
      assertEquals(message.number(), read.number());
      assertArrayEquals(bytes, DhtCodec.encode(read, KEY));
    }
  }

  @Test
  void theBytesOfVersion1AreKept() throws IOException {
    // As they were when version 1 was fixed: whatever comes later must read these, or say so.
    List<String> kept;
    try (InputStream in = DhtCodecTest.class.getResourceAsStream("/dht-version-1.hex")) {
      kept = new String(requireNonNull(in).readAllBytes(), US_ASCII).lines().toList();
    }
    assertEquals(ALL.size(), kept.size());
    for (int i = 0; i < ALL.size(); i++) {
      byte[] bytes = HexFormat.of().parseHex(kept.get(i));
      assertArrayEquals(bytes, DhtCodec.encode(ALL.get(i), KEY));
      assertEquals(ALL.get(i).getClass(), DhtCodec.decode(bytes).orElseThrow().getClass());
    }
  }

  @Test
  void aPaddedQuestionIsAsLongAsAnyAnswer() {
    for (String id : List.of("", KEY.nodeId())) {
      DhtMessage find = new DhtMessage.Find(1, id, TARGET, 0, true);
      assertEquals(DhtCodec.BYTES_MAX, DhtCodec.encode(find, KEY).length);
    }
  }

  @Test
  void otherVersionsAreToldApart() {
    byte[] bytes = DhtCodec.encode(ALL.getFirst(), KEY);
    bytes[1] = 2;
    assertEquals(Optional.of(new DhtMessage.OtherVersion(7, 2)), DhtCodec.decode(bytes));
  }

  @Test
  void anAnswerThatTheKeyWithoutWorkHasSignedIsNone() {
    NodeKey lazy = NodeKey.ofSeed(new byte[32]);
    assertEquals(Optional.empty(), DhtCodec.decode(DhtCodec.encode(ALL.get(3), lazy)));
  }

  @Test
  void anAnswerIsNotMovedToAnotherQuestion() {
    byte[] bytes = DhtCodec.encode(ALL.get(3), KEY);
    bytes[9] ^= 1;
    assertEquals(Optional.empty(), DhtCodec.decode(bytes));
  }

  @Property(tries = 300)
  void noChangedAnswerIsTaken(@ForAll @IntRange(min = 2, max = 500) int at) {
    byte[] bytes = DhtCodec.encode(ALL.get(3), KEY);
    bytes[at % (bytes.length - 2) + 2] ^= 1;
    assertEquals(Optional.empty(), DhtCodec.decode(bytes));
  }

  @Property(tries = 2000)
  void changedBytesGiveAValue(
      @ForAll @IntRange(max = 6) int which,
      @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1 << 20) Integer> changes,
      @ForAll boolean cut) {
    byte[] bytes = DhtCodec.encode(ALL.get(which), KEY);
    for (int change : changes) {
      bytes[change % bytes.length] = (byte) (change >> 8);
    }
    byte[] sent = cut ? Arrays.copyOf(bytes, changes.getFirst() % (bytes.length + 1)) : bytes;
    DhtCodec.decode(sent).ifPresent(read -> assertTrue(read.number() >= 0));
  }
}
