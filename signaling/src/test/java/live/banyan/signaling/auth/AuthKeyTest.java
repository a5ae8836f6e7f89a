package live.banyan.signaling.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthKeyTest {
  private final Path directory;

  AuthKeyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void keyIsMadeOnceAndForItsOwnerOnly() throws IOException {
    Path data = directory.resolve("data");
    AuthKey made = AuthKey.loadOrCreate(data);
    Path file = data.resolve(AuthKey.FILE);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertArrayEquals(made.bytes(), AuthKey.loadOrCreate(data).bytes());
    assertEquals(43, Files.readString(file).strip().length());
    try (Stream<Path> files = Files.list(data)) {
      assertEquals(List.of(file), files.toList(), "nothing is left behind");
    }
  }

  @Test
  void nodesThatStartTogetherShareOneKey() throws Exception {
    Callable<byte[]> start = () -> AuthKey.loadOrCreate(directory).bytes();
    try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> keys = nodes.invokeAll(java.util.Collections.nCopies(8, start));
      for (Future<byte[]> key : keys) {
        assertArrayEquals(keys.getFirst().get(), key.get());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "not base64 at all ! not base64 at all !!!!!!"})
  void brokenKeyFilesAreNamedButNotQuoted(String content) throws IOException {
    Path file = directory.resolve(AuthKey.FILE);
    Files.writeString(file, content);
    IOException refused = assertThrows(IOException.class, () -> AuthKey.loadOrCreate(directory));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(file.toString()));
    assertTrue(content.isEmpty() || !message.contains(content));
  }
}
