package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        Map.<String, Object>of(
                "banyan.http", "nonsense",
                "banyan.udp", "127.0.0.1:70000",
                "banyan.announce", List.of("example.org"),
                "banyan.access", "everybody",
                "banyan.max-children", -1,
                "banyan.warm-links", "many",
                "banyan.site.name", "a b",
                "banyan.tls.cert", "/no/such/file",
                "banyan.media.udp-path", "fast")
            .entrySet()) {
      String message = broken(null, Map.of(bad.getKey(), bad.getValue()));
      String key = bad.getKey().substring("banyan.".length());
      assertTrue(message.contains(key), bad.getKey() + " -> " + message);
    }
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
