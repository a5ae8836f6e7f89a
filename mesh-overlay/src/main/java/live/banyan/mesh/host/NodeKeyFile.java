package live.banyan.mesh.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;
import live.banyan.mesh.identity.NodeKey;

/**
 * {@code node.key} in the data directory: the seed in hex and a newline, readable by its owner
 * alone. Who has the file is the node.
 */
public final class NodeKeyFile {
  private static final String NAME = "node.key";

  private NodeKeyFile() {}

  /**
   * Reads the key, or makes one at the first start.
   *
   * @param random a cryptographic source, such as {@code SecureRandom}
   * @throws IOException when the file cannot be read or written, or holds no key
   */
  public static NodeKey loadOrCreate(Path dataDirectory, RandomGenerator random)
      throws IOException {
    Path file = dataDirectory.resolve(NAME);
    if (!Files.exists(file)) {
      byte[] seed = new byte[NodeKey.SEED_BYTES];
      random.nextBytes(seed);
      create(file, seed);
    }
    return read(file);
  }

  /**
   * Reads the key, or makes one that strangers accept: half a second, once. A key without work is
   * kept beside the new one, as {@code node.key.old}; the node has another id from then on.
   *
   * @param random a cryptographic source, such as {@code SecureRandom}
   * @throws IOException when the file cannot be read or written, or holds no key
   */
  public static NodeKey loadOrCreateWithWork(Path dataDirectory, RandomGenerator random)
      throws IOException {
    Path file = dataDirectory.resolve(NAME);
    if (Files.exists(file)) {
      NodeKey key = read(file);
      if (key.hasWork()) {
        return key;
      }
      Files.move(file, dataDirectory.resolve(NAME + ".old"), StandardCopyOption.REPLACE_EXISTING);
    }
    create(file, NodeKey.generate(random).seed());
    return read(file);
  }

  private static void create(Path file, byte[] seed) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try {
      write(file, seed);
    } catch (FileAlreadyExistsException e) {
      // Another process was quicker; its key counts.
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  private static void write(Path file, byte[] seed) throws IOException {
    byte[] text =
        (HexFormat.of().formatHex(seed) + "\n")
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (FileChannel out =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  private static NodeKey read(Path file) throws IOException {
    try {
      return NodeKey.ofSeed(HexFormat.of().parseHex(Files.readString(file).strip()));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          file + " holds no node key; restore it from a backup, or delete it to become a new node");
    }
  }
}
