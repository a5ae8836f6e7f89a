package live.banyan.signaling.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  private static final long SECOND_NS = 1_000_000_000L;

  private static InetAddress address(String text) {
    return InetAddress.ofLiteral(text);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.0.2.128/25, 192.0.2.129, true",
    "192.0.2.128/25, 192.0.2.127, false",
    "0.0.0.0/0, 203.0.113.1, true",
    "0.0.0.0/0, ::1, false",
    "::1, ::1, true",
    "fd00::/8, fdff::1, true",
    "fd00::/8, fe00::1, false"
  })
  void blocksContainTheirAddresses(String block, String member, boolean inside) {
    assertEquals(inside, Cidr.parse(block).contains(address(member)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "localhost", "::/129"})
  void nonsenseIsNoBlock(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
    assertTrue(String.valueOf(refused.getMessage()).contains("address block"));
  }

  @ParameterizedTest
  @CsvSource({
    // peer, header, whom we take it for
    "203.0.113.9, 198.51.100.1, 203.0.113.9",
    "10.0.0.1, 198.51.100.1, 198.51.100.1",
    "10.0.0.1, '1.2.3.4, 198.51.100.1', 198.51.100.1",
    "10.0.0.1, '198.51.100.1, 10.0.0.2', 198.51.100.1",
    "10.0.0.1, '198.51.100.1, junk', 10.0.0.1",
    "10.0.0.1, '10.0.0.3,10.0.0.2', 10.0.0.3",
    "10.0.0.1, '2001:db8::1', 2001:db8::1"
  })
  void forwardedAddressesCountFromTrustedProxiesOnly(String peer, String header, String client) {
    ClientAddress clients = new ClientAddress(List.of(Cidr.parse("10.0.0.0/8")));
    assertEquals(address(client), clients.seenThrough(address(peer), header));
  }

  @Test
  void burstThenLastingRate() {
    RateLimiter limiter = new RateLimiter(10, 3, 100);
    InetAddress alice = address("192.0.2.1");
    long now = -5 * SECOND_NS;
    for (int i = 0; i < 3; i++) {
      assertEquals(0, limiter.secondsToWait(alice, now));
    }
    assertEquals(1, limiter.secondsToWait(alice, now));
    assertEquals(0, limiter.secondsToWait(address("192.0.2.2"), now), "another address");
    assertEquals(0, limiter.secondsToWait(alice, now + SECOND_NS / 10));
    assertEquals(1, limiter.secondsToWait(alice, now + SECOND_NS / 10));
    for (int i = 0; i < 3; i++) {
      assertEquals(0, limiter.secondsToWait(alice, now + 60 * SECOND_NS));
    }
    assertEquals(1, limiter.secondsToWait(alice, now + 60 * SECOND_NS));
  }

  @Test
  void oneIpv6NetworkIsOneAddress() {
    RateLimiter limiter = new RateLimiter(1, 1, 100);
    assertEquals(0, limiter.secondsToWait(address("2001:db8:0:1::1"), 0));
    assertEquals(1, limiter.secondsToWait(address("2001:db8:0:1:ffff::2"), 0));
    assertEquals(0, limiter.secondsToWait(address("2001:db8:0:2::1"), 0));
  }

  @Test
  void tableIsBoundedAndZeroIsOff() {
    RateLimiter limiter = new RateLimiter(1, 1, 10);
    for (int i = 0; i < 100; i++) {
      limiter.secondsToWait(address("192.0.2." + i), 0);
    }
    assertEquals(10, limiter.size());
    RateLimiter off = new RateLimiter(0, 1, 10);
    for (int i = 0; i < 100; i++) {
      assertEquals(0, off.secondsToWait(address("192.0.2.1"), 0));
    }
    assertEquals(0, off.size());
  }
}
