package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.Reliability;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RelayedMessageTest {
  @Property
  void readsWhatItWrites(
      @ForAll @StringLength(max = 80) String stream,
      @ForAll boolean text,
      @ForAll boolean ordered,
      @ForAll byte[] data) {
    ChannelTerms terms = new ChannelTerms("Ω label", "p", ordered, new Reliability(-1, 700));
    // Lone surrogates have no UTF-8 and cannot be in a stream's name.
    String name = stream.replaceAll("[^ -~]", "x");
    RelayedMessage read =
        RelayedMessage.decode(
            new RelayedMessage(name, 77L << 40, terms, text, true, data).encode());
    assertNotNull(read);
    assertEquals(name, read.stream());
    assertEquals(77L << 40, read.number());
    assertEquals(terms, read.terms());
    assertEquals(text, read.text());
    assertTrue(read.replayed());
    assertArrayEquals(data, read.data());
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    if (bytes.length > 0) {
      bytes[0] = 1;
    }
    RelayedMessage read = RelayedMessage.decode(bytes);
    assertTrue(read == null || read.data().length < bytes.length);
  }

  @Test
  void impossibleNamesAreRefused() {
    byte[] bytes =
        new RelayedMessage("s", 1, ChannelTerms.reliable("l"), true, false, new byte[9]).encode();
    bytes[18] = 0x7f; // the length of the stream's name
    assertNull(RelayedMessage.decode(bytes));
  }
}
