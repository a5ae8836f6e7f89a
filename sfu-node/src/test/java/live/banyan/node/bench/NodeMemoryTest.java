package live.banyan.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeMemoryTest {
  private static final List<String> SMAPS =
      List.of(
          "f0000000-f2ab0000 rw-p 00000000 00:00 0 ",
          "Size:              43712 kB",
          "Rss:               20000 kB",
          "f5550000-f9550000 rw-p 00000000 00:00 0 ",
          "Rss:               10000 kB",
          "7f0000000000-7f0000021000 rw-p 00000000 00:00 0 ",
          "Rss:                 500 kB");

  @Test
  void theHeapIsWhatLiesInItsRegions() throws IOException {
    String info =
        """
         DefNew     total 39360K, used 1045K [0x00000000f0000000, 0x00000000f2ab0000, 0x00000000f5550000)
         Tenured    total 65536K, used 100K [0x00000000f5550000, 0x00000000f9550000, 0x0000000100000000)
         Metaspace  used 128K, committed 320K, reserved 1114112K
        """;
    assertEquals(30_000, NodeMemory.heapKb(info, SMAPS));
  }

  @Test
  void whatIsReachableIsTheHistogramsTotal() throws IOException {
    String histogram =
        """
           1:         40000       12345678  [B (java.base@25)
        Total        300000       24000000
        """;
    assertEquals(24_000_000, NodeMemory.liveBytes(histogram));
  }

  @Test
  void anAnswerWithoutThemIsRefused() {
    assertThrows(IOException.class, () -> NodeMemory.liveBytes("no such process"));
    assertThrows(IOException.class, () -> NodeMemory.heapKb("no such process", SMAPS));
  }
}
