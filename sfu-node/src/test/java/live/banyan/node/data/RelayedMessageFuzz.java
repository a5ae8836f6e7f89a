package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A publisher's message as another node hands it on. */
public final class RelayedMessageFuzz {
  private RelayedMessageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    RelayedMessage message = RelayedMessage.decode(data);
    if (message == null) {
      return;
    }
    byte[] written = message.encode();
    assertTrue(written.length - message.data().length <= RelayedMessage.HEADER_BYTES_MAX);
    RelayedMessage again = RelayedMessage.decode(written);
    assertNotNull(again, "a child refuses what its parent took");
    assertArrayEquals(written, again.encode());
  }
}
