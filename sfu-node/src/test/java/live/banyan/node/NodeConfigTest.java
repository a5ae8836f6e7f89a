package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.session.IceServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeConfigTest {
  @Test
  void defaultsBindLoopbackAndAskForTokens() {
    NodeConfig config = NodeConfig.load(null, Map.of());
    assertTrue(config.http().getAddress().isLoopbackAddress());
    assertTrue(config.udp().getAddress().isLoopbackAddress());
    assertTrue(config.cluster().getAddress().isLoopbackAddress());
    assertEquals(false, config.open());
    assertEquals("", config.site());
  }

  @Test
  void optionsWinOverTheFileAndTheFileOverTheReference(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("node.conf");
    Files.writeString(file, "banyan.max-children = 3\nbanyan.http = \"127.0.0.1:9001\"\n");
    NodeConfig config = NodeConfig.load(file, Map.of("banyan.http", "127.0.0.1:9002"));
    assertEquals(3, config.maxChildren());
    assertEquals(9002, config.http().getPort());
  }

  @Test
  void anUnknownKeyIsNamedWithItsSiblings(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("node.conf");
    Files.writeString(file, "banyan.site.nmae = x\n");
    String message = broken(file, Map.of());
    assertTrue(message.contains("banyan.site.nmae"), message);
    assertTrue(message.contains("name"), message);
    assertTrue(message.contains("node.conf"), message);
  }

  @Test
  void valuesThatCannotBeAreNamed() {
    for (Map.Entry<String, Object> bad :
        Map.<String, Object>ofEntries(
                Map.entry("banyan.http", "nonsense"),
                Map.entry("banyan.udp", "127.0.0.1:70000"),
                Map.entry("banyan.announce", List.of("example.org")),
                Map.entry("banyan.access", "everybody"),
                Map.entry("banyan.max-children", -1),
                Map.entry("banyan.warm-links", "many"),
                Map.entry("banyan.volunteer.carry", "everything"),
                Map.entry("banyan.volunteer.hours", "25-3"),
                Map.entry("banyan.volunteer.month-gb", -1),
                Map.entry("banyan.site.name", "a b"),
                Map.entry("banyan.tls.cert", "/no/such/file"),
                Map.entry("banyan.media.udp-path", "fast"),
                Map.entry("banyan.auth.key-file", "/no/such/key"),
                Map.entry("banyan.hide-lists", "perhaps"),
                Map.entry("banyan.http-limits.body-bytes", 12),
                Map.entry("banyan.http-limits.connections", 0))
            .entrySet()) {
      String message = broken(null, Map.of(bad.getKey(), bad.getValue()));
      String key = bad.getKey().substring("banyan.".length());
      assertTrue(message.contains(key), bad.getKey() + " -> " + message);
    }
  }

  @Test
  void iceServersAreOfThreeKinds(@TempDir Path dir) throws IOException {
    NodeConfig config =
        NodeConfig.load(
            file(
                dir,
                """
                banyan.ice-servers = [
                  "stun:stun.example.org:3478"
                  { url = "turn:turn.example.org", username = u, credential = hush }
                  { url = "turns:turn.example.org:443", secret = ${banyan.site.name}, valid-for = 90m }
                  { url = "turn:other.example.org", secret = hush }
                ]
                banyan.site.name = hush
                """),
            Map.of());
    assertEquals(
        List.of(
            IceServer.stun("stun:stun.example.org:3478"),
            new IceServer("turn:turn.example.org", new IceServer.Password("u", "hush")),
            new IceServer(
                "turns:turn.example.org:443",
                new IceServer.SharedSecret("hush", Duration.ofMinutes(90))),
            new IceServer(
                "turn:other.example.org",
                new IceServer.SharedSecret("hush", Duration.ofHours(12)))),
        config.iceServers());
    assertFalse(config.iceServers().toString().contains("hush"), "a log must not tell");
  }

  @Test
  void iceServersThatCannotBeAreNamedWithoutTheirSecrets(@TempDir Path dir) throws IOException {
    for (String bad :
        List.of(
            "\"http://example.org\"",
            "\"turn:example.org\"",
            "{ url = \"turn:example.org\", username = hush }",
            "{ url = \"turn:example.org\", secret = hush, valid-for = 1s }",
            "{ url = \"turn:example.org\", secret = hush, lifetime = 1h }",
            "{ url = \"turn:example.org\", username = u, credential = \"hush\\\"\" }",
            "{ url = \"stun:example.org\", secret = hush }")) {
      String message = broken(file(dir, "banyan.ice-servers = [" + bad + "]\n"), Map.of());
      assertTrue(message.contains("ice-servers"), bad + " -> " + message);
      assertFalse(message.contains("hush"), bad + " -> " + message);
    }
  }

  @Test
  void keysOfTokenIssuersAreReadFromPemAndText(@TempDir Path dir) throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    byte[] der = key.getEncoded();
    Path pem = dir.resolve("issuer.pub");
    Files.writeString(
        pem,
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n");
    String x =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Arrays.copyOfRange(der, der.length - 32, der.length));
    NodeConfig config =
        NodeConfig.load(null, Map.of("banyan.auth.ed25519-keys", List.of(pem.toString(), x)));
    assertEquals(2, config.ed25519Keys().size());
    Files.writeString(pem, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    for (String bad : List.of(pem.toString(), "/no/such/file", x.substring(1))) {
      String message = broken(null, Map.of("banyan.auth.ed25519-keys", List.of(bad)));
      assertTrue(message.contains("ed25519-keys"), message);
    }
  }

  @Test
  void anEnvironmentVariableThatIsNotThereIsNamed(@TempDir Path dir) throws IOException {
    Path file = file(dir, "banyan.site.name = ${BANYAN_NO_SUCH_VARIABLE}\n");
    assertTrue(broken(file, Map.of()).contains("BANYAN_NO_SUCH_VARIABLE"));
  }

  @Test
  void aFileThatIsNotThereOrNotHoconIsSaidSo(@TempDir Path dir) throws IOException {
    assertTrue(broken(dir.resolve("none.conf"), Map.of()).contains("none.conf"));
    Path file = dir.resolve("bad.conf");
    Files.writeString(file, "banyan { http = \n");
    assertTrue(broken(file, Map.of()).contains("bad.conf"));
  }

  @Test
  void everyKeyOfTheReferenceHasACommentAndIsRead() throws IOException {
    Config reference = NodeConfig.reference();
    String source = Files.readString(sourceOf("NodeConfig.java"));
    for (Map.Entry<String, ConfigValue> entry : reference.entrySet()) {
      String key = entry.getKey().substring("banyan.".length());
      assertTrue(source.contains('"' + key + '"'), key + " is never read");
      boolean commented =
          !entry.getValue().origin().comments().isEmpty()
              || !reference
                  .getValue(entry.getKey().substring(0, entry.getKey().lastIndexOf('.')))
                  .origin()
                  .comments()
                  .isEmpty();
      assertTrue(commented, key + " has no comment");
    }
  }

  private static Path file(Path dir, String text) throws IOException {
    return Files.writeString(dir.resolve("node.conf"), text);
  }

  private static Path sourceOf(String name) {
    return Path.of(System.getProperty("banyan.root"), "sfu-node/src/main/java/live/banyan/node")
        .resolve(name);
  }

  private static String broken(
      @org.jspecify.annotations.Nullable Path file, Map<String, ?> options) {
    NodeConfig.Broken e =
        assertThrows(NodeConfig.Broken.class, () -> NodeConfig.load(file, options));
    return String.valueOf(e.getMessage());
  }
}
