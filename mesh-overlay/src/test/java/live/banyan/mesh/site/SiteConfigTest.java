package live.banyan.mesh.site;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SiteConfigTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.20.1.1", "fd00::5"})
  void privateAddressesAreTaken(String host) {
    assertDoesNotThrow(() -> new SiteConfig("s", host, 5701, List.of("127.0.0.1:5701")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "8.8.8.8", "172.32.0.1", "2001:4860:4860::8888"})
  void publicAddressesAreRefused(String host) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new SiteConfig("s", host, 5701, List.of()));
    assertTrue(String.valueOf(e.getMessage()).contains("loopback or private"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", ":1", "1.2.3.4:port"})
  void joinAddressesNeedAPort(String member) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new SiteConfig("s", "127.0.0.1", 5701, List.of(member)));
  }
}
