package live.banyan.node.volunteer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import live.banyan.mesh.policy.MonthlyUse;

/** {@code month} in the data directory: what this node has sent this month, over its restarts. */
final class MonthFile {
  private static final String NAME = "month";

  private final Path file;

  MonthFile(Path dataDirectory) {
    file = dataDirectory.resolve(NAME);
  }

  /**
   * What was sent, nothing where the file is missing.
   *
   * @throws IOException when it cannot be read: to begin at nothing could cost the owner money
   */
  MonthlyUse read(int month) throws IOException {
    if (!Files.exists(file)) {
      return new MonthlyUse(month, 0);
    }
    return MonthlyUse.parse(Files.readString(file))
        .orElseThrow(
            () ->
                new IOException(
                    file + " does not say what was sent this month: correct it, or delete it"));
  }

  void write(MonthlyUse use) throws IOException {
    Path next = file.resolveSibling(NAME + ".new");
    Files.writeString(next, use.text() + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
