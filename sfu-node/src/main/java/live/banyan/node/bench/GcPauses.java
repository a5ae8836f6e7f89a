package live.banyan.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stops of the world, from a log of {@link #jvmFlag}. Safepoints are counted instead of what
 * collectors call a pause: they begin when the first thread has to wait, and collectors that work
 * beside the program name their phases in ways of their own.
 *
 * @param count stops for a collector's work
 * @param maxMs longest of these, getting all threads to stop included
 * @param otherMaxMs longest stop for anything else
 */
record GcPauses(int count, double maxMs, double otherMaxMs) {
  private static final Pattern STOP =
      Pattern.compile("Safepoint \"([^\"]+)\".* Total: +([0-9]+) ns");

  /** Names of HotSpot's operations (vmOperation.hpp) that belong to a collector. */
  private static final Pattern COLLECTOR =
      Pattern.compile("^(Serial|Parallel|G1|Shenandoah|Z[A-Z]|Gen|CollectFor).*");

  /** What a JVM needs to be started with. */
  static String jvmFlag(Path log) {
    return "-Xlog:safepoint:file=" + log;
  }

  static GcPauses read(Path log) throws IOException {
    return read(log, 0);
  }

  /** How many lines there are so far, to {@link #read(Path, long)} what comes after them. */
  static long lines(Path log) throws IOException {
    return Files.readAllLines(log).size();
  }

  /** Of what was written after so many lines. */
  static GcPauses read(Path log, long after) throws IOException {
    int count = 0;
    double maxMs = 0;
    double otherMaxMs = 0;
    for (String line : Files.readAllLines(log).stream().skip(after).toList()) {
      Matcher stop = STOP.matcher(line);
      if (stop.find()) {
        double ms = Long.parseLong(stop.group(2)) / 1e6;
        if (COLLECTOR.matcher(stop.group(1)).matches()) {
          count++;
          maxMs = Math.max(maxMs, ms);
        } else {
          otherMaxMs = Math.max(otherMaxMs, ms);
        }
      }
    }
    return new GcPauses(count, hundredths(maxMs), hundredths(otherMaxMs));
  }

  private static double hundredths(double ms) {
    return Math.round(ms * 100) / 100.0;
  }
}
