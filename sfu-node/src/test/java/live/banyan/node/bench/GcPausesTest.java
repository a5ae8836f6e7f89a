package live.banyan.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcPausesTest {
  @Test
  void readsTheStopsOfEachCollector(@TempDir Path folder) throws IOException {
    Path log = folder.resolve("gc.log");
    Files.writeString(
        log,
        """
        [0.1s][info][safepoint] Safepoint "SerialCollectForAllocation", Time since last: 8 ns, \
        Reaching safepoint: 1 ns, At safepoint: 3 ns, Leaving safepoint: 0 ns, Total: 2345000 ns, Threads: 0
        [0.2s][info][safepoint] Safepoint "ThreadDump", Time since last: 9 ns, \
        Reaching safepoint: 1 ns, At safepoint: 3 ns, Leaving safepoint: 0 ns, Total: 7000000 ns, Threads: 0
        [0.3s][info][safepoint] Safepoint "ZMarkEndYoung", Time since last: 9 ns, \
        Reaching safepoint: 1 ns, At safepoint: 3 ns, Leaving safepoint: 0 ns, Total: 12000 ns, Threads: 0
        [0.4s][info][safepoint] Safepoint "ShenandoahInitMark", Time since last: 9 ns, \
        Reaching safepoint: 1 ns, At safepoint: 3 ns, Leaving safepoint: 0 ns, Total: 987000 ns, Threads: 0
        [0.5s][info][safepoint] Safepoint "G1PauseRemark", Time since last: 9 ns, \
        Reaching safepoint: 1 ns, At safepoint: 3 ns, Leaving safepoint: 0 ns, Total: 1000 ns, Threads: 0
        """);
    assertEquals(new GcPauses(4, 2.35, 7), GcPauses.read(log));
    assertEquals(5, GcPauses.lines(log));
    assertEquals(new GcPauses(2, 0.99, 0), GcPauses.read(log, 3));
  }

  @Test
  void noPauseIsZero(@TempDir Path folder) throws IOException {
    Path log = Files.createFile(folder.resolve("gc.log"));
    assertEquals(new GcPauses(0, 0, 0), GcPauses.read(log));
  }
}
