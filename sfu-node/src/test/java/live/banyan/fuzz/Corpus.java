package live.banyan.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A target's inputs as a text file, one in hex a line, named after the target's class: {@code
 * .corpus} for what a fuzzer reached something new with, {@code .found} for what once broke
 * something, each behind a line that begins with # and says what.
 */
public final class Corpus {
  /** Bytes kept of one target's corpus, the shortest inputs first. */
  private static final int BYTES_MAX = 12 * 1024;

  private Corpus() {}

  /** The inputs of a file. */
  static List<byte[]> read(Path file) throws IOException {
    List<byte[]> inputs = new ArrayList<>();
    for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
      if (!line.startsWith("#")) {
        inputs.add(HexFormat.of().parseHex(line));
      }
    }
    return inputs;
  }

  /** {@code unpack FILE DIR} or {@code pack DIR FILE}: between a file and what a fuzzer takes. */
  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[1]);
    Path to = Path.of(arguments[2]);
    switch (arguments[0]) {
      case "unpack" -> unpack(from, to);
      case "pack" -> pack(from, to);
      default -> throw new IllegalArgumentException("pack or unpack, not " + arguments[0]);
    }
  }

  private static void unpack(Path file, Path directory) throws IOException {
    int number = 0;
    for (byte[] input : read(file)) {
      Files.write(directory.resolve(file.getFileName() + "-" + number++), input);
    }
  }

  private static void pack(Path directory, Path file) throws IOException {
    List<byte[]> inputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path input : files.toList()) {
        inputs.add(Files.readAllBytes(input));
      }
    }
    inputs.sort(
        Comparator.<byte[]>comparingInt(input -> input.length)
            .thenComparing(java.util.Arrays::compare));
    StringBuilder lines = new StringBuilder();
    int total = 0;
    for (byte[] input : inputs) {
      total += input.length;
      if (total > BYTES_MAX) {
        break;
      }
      lines.append(HexFormat.of().formatHex(input)).append('\n');
    }
    Files.writeString(file, lines, StandardCharsets.US_ASCII);
  }
}
