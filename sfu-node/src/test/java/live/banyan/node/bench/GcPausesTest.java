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
        [0.012s][info][gc] Using Serial
        [1.5s][info][gc] GC(0) Pause Young (Allocation Failure) 8M->3M(31M) 2.345ms
        [2.5s][info][gc] GC(1) Concurrent Mark Cycle 17.123ms
        [2.6s][info][gc] GC(1) Pause Remark 12M->12M(32M) 0.987ms
        [2.7s][info][gc,phases] GC(2) y: Pause Mark Start 0.012ms
        [2.8s][info][gc,phases] GC(2) y: Concurrent Mark 9.000ms
        """);
    GcPauses pauses = GcPauses.read(log);
    assertEquals(3, pauses.count());
    assertEquals(2.345, pauses.maxMs());
  }

  @Test
  void noPauseIsZero(@TempDir Path folder) throws IOException {
    Path log = Files.createFile(folder.resolve("gc.log"));
    assertEquals(new GcPauses(0, 0), GcPauses.read(log));
  }
}
