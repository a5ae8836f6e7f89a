package live.banyan.mesh.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  private static Endpoint at(String address) {
    try {
      return Endpoint.of(InetAddress.getByName(address).getAddress(), 4433);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, cb0071071151, 203.0.113.7:4433",
    "2001:db8::1, 20010db80000000000000000000000011151, [2001:db8:0:0:0:0:0:1]:4433"
  })
  void comesBack(String address, String hex, String text) throws MalformedException {
    Endpoint endpoint = at(address);
    assertEquals(hex, HexFormat.of().formatHex(endpoint.bytes()));
    assertEquals(endpoint, Endpoint.read(endpoint.bytes()));
    assertEquals(text, endpoint.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "cb007107", "cb0071070000", "00000000000000000000ffffcb0071071151", "00"})
  void refusesWhatIsNone(String hex) {
    assertThrows(MalformedException.class, () -> Endpoint.read(HexFormat.of().parseHex(hex)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.1.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "64:ff9b::1"
      })
  void knowsWhatIsNotPublic(String address) {
    assertFalse(at(address).isPublic(), address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "100.128.0.1", "172.32.0.1", "192.169.0.1", "2a00:1450::1"})
  void knowsWhatIsPublic(String address) {
    assertTrue(at(address).isPublic(), address);
  }

  @Test
  void networksAreSlash24AndSlash48() {
    assertEquals(at("1.2.3.4").network(), at("1.2.3.250").network());
    assertNotEquals(at("1.2.3.4").network(), at("1.2.4.4").network());
    assertEquals(at("2a00:1:2:3::1").network(), at("2a00:1:2:ffff::2").network());
    assertNotEquals(at("2a00:1:2::1").network(), at("2a00:1:3::1").network());
    assertTrue(at("127.8.0.1").isLoopback() && at("::1").isLoopback());
  }
}
