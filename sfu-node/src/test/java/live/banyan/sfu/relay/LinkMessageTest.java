package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LinkMessageTest {
  private static final List<LinkMessage> SAMPLES =
      List.of(
          new LinkMessage.Hello(1, 3, true, "00112233445566778899aabbccddeeff"),
          new LinkMessage.Ping(true, -2, Long.MIN_VALUE),
          new LinkMessage.Pong(false, 7, 99),
          new LinkMessage.Bye(LinkMessage.Bye.VERSION));

  @Test
  void whatIsWrittenIsRead() {
    for (LinkMessage sample : SAMPLES) {
      assertEquals(sample, LinkMessage.decode(LinkMessage.encode(sample, 1)));
    }
    byte[] message = {1, 2, 3};
    byte[] encoded = LinkMessage.encode(new LinkMessage.Tree(message), 1);
    assertEquals(LinkMessage.TREE_HEADER_BYTES + message.length, encoded.length);
    assertArrayEquals(
        message, assertInstanceOf(LinkMessage.Tree.class, LinkMessage.decode(encoded)).message());
  }

  @Test
  void theBytesStayAsTheyAreDocumented() {
    assertArrayEquals(
        new byte[] {5, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 2},
        LinkMessage.encode(new LinkMessage.Ping(true, 9, 258), 1));
  }

  @Test
  void shortMessagesAreNone() {
    for (LinkMessage sample : SAMPLES) {
      byte[] whole = LinkMessage.encode(sample, 1);
      for (int length = 0; length < whole.length; length++) {
        assertNull(LinkMessage.decode(Arrays.copyOf(whole, length)), sample + " cut to " + length);
      }
    }
  }

  @Test
  void laterVersionsMayAppend() {
    for (LinkMessage sample : SAMPLES) {
      byte[] whole = LinkMessage.encode(sample, 1);
      assertEquals(sample, LinkMessage.decode(Arrays.copyOf(whole, whole.length + 5)));
    }
  }

  @Test
  void otherVersionsAreOnlyReadInTheGreeting() {
    byte[] ping = LinkMessage.encode(SAMPLES.get(1), 2);
    assertNull(LinkMessage.decode(ping));
    byte[] hello = LinkMessage.encode(SAMPLES.get(0), 9);
    assertEquals(SAMPLES.get(0), LinkMessage.decode(hello));
  }

  @Test
  void theNewestCommonVersionIsSpoken() {
    assertEquals(1, LinkMessage.agree(1, 1));
    assertEquals(1, LinkMessage.agree(1, 200));
    assertEquals(1, LinkMessage.agree(0, 1));
    assertEquals(-1, LinkMessage.agree(2, 3));
    assertEquals(-1, LinkMessage.agree(0, 0));
    assertEquals(-1, LinkMessage.agree(Integer.MIN_VALUE, Integer.MIN_VALUE));
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll @Size(max = 40) byte[] bytes) {
    LinkMessage message = LinkMessage.decode(bytes);
    if (message instanceof LinkMessage.Tree tree) {
      assertEquals(bytes.length - LinkMessage.TREE_HEADER_BYTES, tree.message().length);
    }
  }

  @Property
  void mutatedMessagesAreReadOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = LinkMessage.encode(SAMPLES.get(random.nextInt(SAMPLES.size())), 1);
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    LinkMessage message = LinkMessage.decode(bytes);
    if (message != null && !(message instanceof LinkMessage.Hello)) {
      assertEquals(1, bytes[1], "version of what was read");
    }
  }
}
