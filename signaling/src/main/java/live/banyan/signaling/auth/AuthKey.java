package live.banyan.signaling.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secret that a site's nodes sign tokens with: 32 bytes, in the file {@code auth.key} as
 * base64url. The file is shared by copying it, never through the cluster.
 */
public final class AuthKey {
  /** Name of the file in a node's data directory. */
  public static final String FILE = "auth.key";

  private static final int BYTES = 32;
  private static final int FILE_BYTES_MAX = 256;

  private final byte[] bytes;

  private AuthKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A fresh key that lives in memory only. */
  public static AuthKey generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new AuthKey(bytes);
  }

  /**
   * Reads {@code auth.key} in this directory, or makes it with mode 0600. Nodes that start together
   * on one directory end up with the same key.
   *
   * @throws IOException when the file cannot be read or made, or holds no key; the message says
   *     which file
   */
  public static AuthKey loadOrCreate(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve(FILE);
    if (Files.exists(file)) {
      return load(file);
    }
    Files.createDirectories(dataDirectory);
    AuthKey key = generate();
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(key.bytes) + "\n";
    Path fresh = Files.createTempFile(dataDirectory, FILE, ".new", ownerOnly(dataDirectory));
    try {
      Files.writeString(fresh, text, StandardCharsets.US_ASCII);
      // A link fails where the name is taken, so the first of several nodes wins.
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException another) {
      return load(file);
    } catch (UnsupportedOperationException noLinks) {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return key;
  }

  /**
   * Reads a key file.
   *
   * @throws IOException when it cannot be read or holds no key
   */
  public static AuthKey load(Path file) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException(file + " is not a key file: it should hold 32 bytes in base64url");
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      if (bytes.length == BYTES) {
        return new AuthKey(bytes);
      }
    } catch (IllegalArgumentException notBase64) {
      // told below, without the text: it may be a secret with a typing error
    }
    throw new IOException(
        file + " should hold 32 bytes in base64url; delete it to have a new one made");
  }

  private static FileAttribute<?>[] ownerOnly(Path directory) {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public String toString() {
    return "AuthKey";
  }
}
