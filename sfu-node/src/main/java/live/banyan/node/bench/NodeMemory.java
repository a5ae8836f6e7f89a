package live.banyan.node.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory of another JVM of this machine and user, in MiB.
 *
 * @param resident all that the kernel keeps for it
 * @param nativeResident of that, what lies outside the Java heap: code, classes, buffers, libcrypto
 * @param liveHeap what is reachable on the heap
 */
record NodeMemory(double resident, double nativeResident, double liveHeap) {
  private static final double BYTES_PER_MB = 1 << 20;
  private static final double KB_PER_MB = 1 << 10;
  private static final Pattern TOTAL =
      Pattern.compile("^Total +[0-9]+ +([0-9]+)", Pattern.MULTILINE);
  private static final Pattern REGION =
      Pattern.compile("\\[0x([0-9a-f]+), (?:0x[0-9a-f]+, )*0x([0-9a-f]+)\\)");
  private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-[0-9a-f]+ .*");
  private static final Pattern RESIDENT = Pattern.compile("^Rss: +([0-9]+) kB");

  /**
   * Has the JVM collect everything first, which stops it for some tens of milliseconds, and give
   * back to the system what compiling has freed.
   *
   * @throws IOException where the JVM or Linux' {@code /proc} does not tell
   */
  static NodeMemory of(long pid) throws IOException, InterruptedException {
    double live = liveBytes(jcmd(pid, "GC.class_histogram")) / BYTES_PER_MB;
    jcmd(pid, "System.trim_native_heap");
    List<String> mappings = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"));
    double all = residentKb(mappings, 0, Long.MAX_VALUE) / KB_PER_MB;
    return new NodeMemory(all, all - heapKb(jcmd(pid, "GC.heap_info"), mappings) / KB_PER_MB, live);
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    process.waitFor();
    return said;
  }

  /** The sum below a class histogram. */
  static long liveBytes(String histogram) throws IOException {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("jcmd tells no live heap");
    }
    return Long.parseLong(total.group(1));
  }

  /** What is resident of the regions that the collector names. */
  static long heapKb(String heapInfo, List<String> mappings) throws IOException {
    long from = Long.MAX_VALUE;
    long to = 0;
    Matcher region = REGION.matcher(heapInfo);
    while (region.find()) {
      from = Math.min(from, Long.parseLong(region.group(1), 16));
      to = Math.max(to, Long.parseLong(region.group(2), 16));
    }
    if (to == 0) {
      throw new IOException("jcmd tells no bounds of the heap");
    }
    return residentKb(mappings, from, to);
  }

  /** Adds up the mappings that begin in a range (proc_pid_smaps(5)). */
  private static long residentKb(List<String> smaps, long from, long to) {
    boolean inside = false;
    long sum = 0;
    for (String line : smaps) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher resident = RESIDENT.matcher(line);
      if (mapping.matches()) {
        long at = Long.parseUnsignedLong(mapping.group(1), 16);
        inside = at >= from && at < to;
      } else if (inside && resident.matches()) {
        sum += Long.parseLong(resident.group(1));
      }
    }
    return sum;
  }
}
