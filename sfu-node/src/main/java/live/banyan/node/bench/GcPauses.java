package live.banyan.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stops of the world for collections, from a log of {@code -Xlog:gc,gc+phases}. */
record GcPauses(int count, double maxMs) {
  private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9]+\\.[0-9]+)ms$");

  static GcPauses read(Path log) throws IOException {
    List<Double> pauses =
        Files.readAllLines(log).stream()
            .map(PAUSE::matcher)
            .filter(Matcher::find)
            .map(m -> Double.valueOf(m.group(1)))
            .toList();
    return new GcPauses(
        pauses.size(), pauses.stream().mapToDouble(Double::doubleValue).max().orElse(0));
  }
}
