package live.banyan.node.volunteer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.TreeSet;

/**
 * {@code blocked} in the data directory: a channel or stream a line, which this node never carries.
 * A running node notices changes by itself.
 */
public final class BlockList {
  private static final String NAME = "blocked";
  private static final int BYTES_MAX = 1 << 20;

  private final Path file;
  private long readAt = -1;
  private long readSize = -1;

  /** The list of a data directory, which need not exist yet. */
  public BlockList(Path dataDirectory) {
    file = dataDirectory.resolve(NAME);
  }

  /** Whether the file is another one than {@link #read} has seen. */
  boolean changed() throws IOException {
    return Files.exists(file)
        ? Files.getLastModifiedTime(file).toMillis() != readAt || Files.size(file) != readSize
        : readAt != -1;
  }

  /** What is blocked now; empty lines and those that begin with # say nothing. */
  public List<String> read() throws IOException {
    if (!Files.exists(file)) {
      readAt = -1;
      readSize = -1;
      return List.of();
    }
    readAt = Files.getLastModifiedTime(file).toMillis();
    readSize = Files.size(file);
    if (readSize > BYTES_MAX) {
      throw new IOException(file + " is longer than 1 MiB: block channels, not single streams");
    }
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  /** Adds or removes a line. */
  public void set(String entry, boolean blocked) throws IOException {
    TreeSet<String> entries = new TreeSet<>(read());
    if (blocked ? entries.add(entry) : entries.remove(entry)) {
      Path next = file.resolveSibling(NAME + ".new");
      Files.write(next, entries);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
