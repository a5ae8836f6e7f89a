package live.banyan.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process has used.
 *
 * @param rssMb resident memory in MiB; -1 where the system does not tell
 */
record Usage(long atNs, Duration cpu, long rssMb) {
  static Usage of(long pid) throws IOException {
    Duration cpu =
        ProcessHandle.of(pid)
            .flatMap(p -> p.info().totalCpuDuration())
            .orElseThrow(() -> new IOException("process " + pid + " is gone"));
    return new Usage(System.nanoTime(), cpu, resident(pid));
  }

  private static long resident(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.isReadable(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(-1);
  }

  /** Share of one core since an earlier look. */
  double cpuPercentSince(Usage before) {
    return EndToEndBench.round(
        100.0 * cpu.minus(before.cpu).toNanos() / Math.max(1, atNs - before.atNs));
  }
}
