package live.banyan.node.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a process has used.
 *
 * @param compiling of that, what the JVM's compilers took; 0 where the system does not tell
 * @param rssKb resident memory in KiB; -1 where the system does not tell
 */
record Usage(long atNs, Duration cpu, Duration compiling, long rssKb) {
  /** What Linux shows of the names of HotSpot's compiler threads: 15 characters. */
  private static final Pattern COMPILER = Pattern.compile("C[12] CompilerThre");

  static Usage of(long pid) throws IOException {
    long scheduledNs = scheduledNs(pid, name -> true);
    Duration cpu =
        scheduledNs > 0
            ? Duration.ofNanos(scheduledNs)
            : ProcessHandle.of(pid)
                .flatMap(p -> p.info().totalCpuDuration())
                .orElseThrow(() -> new IOException("process " + pid + " is gone"));
    Duration compiling = Duration.ofNanos(scheduledNs(pid, COMPILER.asPredicate()));
    return new Usage(System.nanoTime(), cpu, compiling, resident(pid));
  }

  /**
   * Time on a processor of all living threads of these names, in nanoseconds where Linux counts it
   * so (Documentation/scheduler/sched-stats.rst); the process's own clock ticks in steps of 10 ms.
   */
  private static long scheduledNs(long pid, Predicate<String> names) throws IOException {
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    if (!Files.isDirectory(tasks)) {
      return 0;
    }
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        try {
          if (names.test(Files.readString(thread.resolve("comm")))) {
            String line = Files.readString(thread.resolve("schedstat"));
            sum += Long.parseLong(line.substring(0, line.indexOf(' ')));
          }
        } catch (IOException e) {
          // The thread has ended, or this kernel does not count.
        }
      }
    }
    return sum;
  }

  private static long resident(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.isReadable(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(-1);
  }

  /** Resident memory in MiB. */
  long rssMb() {
    return rssKb < 0 ? -1 : rssKb / 1024;
  }

  /** Nanoseconds of CPU since an earlier look. */
  long cpuNsSince(Usage before) {
    return cpu.minus(before.cpu).toNanos();
  }

  /** Share of the CPU that went into compiling since an earlier look. */
  double compilingPercentSince(Usage before) {
    double compilingNs = compiling.minus(before.compiling).toNanos();
    return EndToEndBench.round(100 * compilingNs / Math.max(1, cpuNsSince(before)));
  }

  /** Share of one core since an earlier look. */
  double cpuPercentSince(Usage before) {
    return EndToEndBench.round(100.0 * cpuNsSince(before) / Math.max(1, atNs - before.atNs));
  }
}
