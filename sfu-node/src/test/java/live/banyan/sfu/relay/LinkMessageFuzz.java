package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import live.banyan.fuzz.FuzzInput;

/** What another node sends over a link, and the offer by which it begins one. */
public final class LinkMessageFuzz {
  private LinkMessageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    switch (input.u8() % 3) {
      case 0 -> message(input.rest());
      case 1 -> offer(input.rest());
      default -> endpoint(new String(input.rest(), StandardCharsets.UTF_8));
    }
  }

  private static void message(byte[] bytes) {
    LinkMessage message = LinkMessage.decode(bytes);
    if (message == null) {
      return;
    }
    byte[] written = LinkMessage.encode(message, LinkMessage.VERSION_MAX);
    LinkMessage again = LinkMessage.decode(written);
    assertNotNull(again);
    assertEquals(message.getClass(), again.getClass());
    assertArrayEquals(written, LinkMessage.encode(again, LinkMessage.VERSION_MAX));
    if (message instanceof LinkMessage.Hello hello) {
      int version = LinkMessage.agree(hello.minVersion(), hello.maxVersion());
      assertTrue(version == -1 || version <= LinkMessage.VERSION_MAX);
    }
  }

  private static void offer(byte[] bytes) {
    if (LinkOffer.read(bytes) instanceof LinkOffer offer) {
      assertTrue(offer.candidates().size() <= LinkOffer.CANDIDATES_MAX);
      assertTrue(offer.toString().indexOf(offer.password()) < 0, "a password in the log");
      byte[] written = offer.encode();
      if (written.length <= LinkOffer.BYTES_MAX) {
        assertEquals(offer, LinkOffer.read(written));
      }
    }
  }

  private static void endpoint(String text) {
    InetSocketAddress address = Endpoint.parse(text);
    if (address != null) {
      assertTrue(address.getPort() > 0 && !address.getAddress().isAnyLocalAddress());
      long high = Endpoint.high(address.getAddress());
      long low = Endpoint.low(address.getAddress());
      assertEquals(high, Endpoint.high(Endpoint.address(high, low)));
      assertEquals(low, Endpoint.low(Endpoint.address(high, low)));
    }
  }
}
