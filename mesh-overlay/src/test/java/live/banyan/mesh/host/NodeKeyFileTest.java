package live.banyan.mesh.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import live.banyan.mesh.identity.NodeKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeKeyFileTest {
  @Test
  void aNodeStaysTheSameNode(@TempDir Path directory) throws IOException {
    Path data = directory.resolve("data");
    String id = NodeKeyFile.loadOrCreate(data, new SecureRandom()).nodeId();
    assertEquals(id, NodeKeyFile.loadOrCreate(data, new SecureRandom()).nodeId());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("node.key"))));
  }

  @Test
  void strangersGetAKeyWithWorkAndTheOldOneIsKept(@TempDir Path data) throws IOException {
    NodeKey plain = NodeKey.ofSeed(new byte[NodeKey.SEED_BYTES]);
    String seed = java.util.HexFormat.of().formatHex(plain.seed());
    Files.writeString(data.resolve("node.key"), seed + "\n");
    NodeKey worked = NodeKeyFile.loadOrCreateWithWork(data, new SecureRandom());
    assertTrue(worked.hasWork());
    assertEquals(seed, Files.readString(data.resolve("node.key.old")).strip());
    assertEquals(
        worked.nodeId(), NodeKeyFile.loadOrCreateWithWork(data, new SecureRandom()).nodeId());
    assertEquals(worked.nodeId(), NodeKeyFile.loadOrCreate(data, new SecureRandom()).nodeId());
  }

  @Test
  void aSpoiltFileIsNamed(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("node.key"), "not a key");
    IOException e =
        assertThrows(
            IOException.class, () -> NodeKeyFile.loadOrCreate(directory, new SecureRandom()));
    assertTrue(String.valueOf(e.getMessage()).contains("node.key"), e.getMessage());
  }
}
