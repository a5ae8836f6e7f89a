package live.banyan.signaling.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import live.banyan.signaling.session.IceServer.Password;
import live.banyan.signaling.session.IceServer.SharedSecret;
import org.junit.jupiter.api.Test;

class IceServerTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

  /** The password is what {@code openssl dgst -sha1 -hmac north -binary | base64} makes of it. */
  @Test
  void aSharedSecretMakesCredentialsThatEnd() {
    IceServer turn =
        new IceServer("turn:turn.example.net", new SharedSecret("north", Duration.ofHours(1)));
    assertEquals(
        "<turn:turn.example.net>; rel=\"ice-server\"; username=\"1800003600:banyan\";"
            + " credential=\"poLpx7SrBVMN8YajF4DwsB+1l8Y=\"; credential-type=\"password\"",
        turn.link(NOW));
  }

  @Test
  void whatCannotStandInAHeaderIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Password("a\"b", "p"));
    assertThrows(IllegalArgumentException.class, () -> new Password("a", "p\r\nSet-Cookie: x"));
    assertThrows(IllegalArgumentException.class, () -> new Password("a", ""));
    assertThrows(IllegalArgumentException.class, () -> IceServer.stun("stun:a>; rel=x"));
    assertThrows(IllegalArgumentException.class, () -> IceServer.stun("turn:turn.example.net"));
    assertThrows(IllegalArgumentException.class, () -> new SharedSecret("", Duration.ofHours(1)));
    assertThrows(
        IllegalArgumentException.class, () -> new SharedSecret("north", Duration.ofSeconds(59)));
  }
}
