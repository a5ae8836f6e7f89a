package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every kept input of every fuzz target once. */
class CorpusTest {
  private static final Path DIRECTORY =
      Path.of(System.getProperty("banyan.root", ".."), "sfu-node", "src", "test", "fuzz");

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.sorted().toList();
    }
  }

  private static String target(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  @TestFactory
  Stream<DynamicTest> keptInputsBreakNothing() throws IOException {
    return files().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> run(file)));
  }

  private static void run(Path file) throws IOException, ReflectiveOperationException {
    MethodHandle target =
        MethodHandles.publicLookup()
            .findStatic(
                Class.forName(target(file)),
                "fuzzerTestOneInput",
                MethodType.methodType(void.class, byte[].class));
    List<byte[]> inputs = Corpus.read(file);
    assertFalse(inputs.isEmpty(), "a corpus without inputs tests nothing");
    for (byte[] input : inputs) {
      try {
        target.invokeExact(input.clone());
      } catch (Throwable broken) {
        throw new AssertionError(HexFormat.of().formatHex(input), broken);
      }
    }
  }

  @Test
  void everyTargetHasACorpus() throws IOException, URISyntaxException {
    Path classes =
        Path.of(CorpusTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Set<String> targets;
    try (Stream<Path> all = Files.walk(classes)) {
      targets =
          all.map(path -> classes.relativize(path).toString().replace('/', '.'))
              .filter(name -> name.endsWith("Fuzz.class"))
              .map(name -> name.substring(0, name.length() - ".class".length()))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> kept = new TreeSet<>();
    for (Path file : files()) {
      if (file.toString().endsWith(".corpus")) {
        kept.add(target(file));
      }
    }
    assertEquals(targets, kept);
  }
}
