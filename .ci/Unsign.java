import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the signature files out of the jars in a folder. The JVM leaves classes of signed jars out of
 * its start-up cache, and Bouncy Castle's (a second of CPU in the first handshake) are signed. Maven
 * has checked what it downloaded; nothing here loads a jar as a JCE provider that must be signed.
 * usage: java Unsign.java FOLDER
 */
public final class Unsign {
  public static void main(String[] args) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
      for (Path jar : jars) {
        unsign(jar);
      }
    }
  }

  private static void unsign(Path jar) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Path folder = zip.getPath("META-INF");
      if (!Files.isDirectory(folder)) {
        return;
      }
      List<Path> signatures = new ArrayList<>();
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{SF,RSA,DSA,EC}")) {
        files.forEach(signatures::add);
      }
      for (Path file : signatures) {
        Files.delete(file);
      }
    }
  }
}
