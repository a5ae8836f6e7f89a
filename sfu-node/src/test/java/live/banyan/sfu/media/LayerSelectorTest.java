package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Layers of 80, 400 and 1,600 kbit/s: a packet of 100, 500 and 2 x 1,000 bytes each 10 ms. */
class LayerSelectorTest {
  private static final long MS = 1_000_000L;
  private static final int[] BYTES = {100, 500, 1_000};
  private static final int[] PACKETS = {1, 1, 2};

  private final Track track =
      new Track(1, Codec.VP8, 3, 256, ExtensionMap.EMPTY, new CacheRoom(0), () -> {}, () -> {});
  private final LayerSelector selector = new LayerSelector();
  private final IncomingPacket packet = new IncomingPacket();
  private final MemorySegment memory = MemorySegment.ofArray(new byte[1_500]);
  private final int[] sequences = new int[3];
  private long nowNs = 1_000 * MS;

  @BeforeEach
  void flow() {
    run(3_000, 3);
  }

  @AfterEach
  void close() {
    track.close();
  }

  private void run(int ms, int layers) {
    for (int t = 0; t < ms; t += 10) {
      nowNs += 10 * MS;
      for (int layer = 0; layer < layers; layer++) {
        for (int i = 0; i < PACKETS[layer]; i++) {
          RtpHeader.write(memory, 0, true, 96, sequences[layer]++ & 0xFFFF, 90 * t, layer);
          packet.read(memory, 0, RtpHeader.FIXED_LENGTH + BYTES[layer], nowNs);
          track.layer(layer).onPacket(packet);
        }
      }
    }
  }

  private int target() {
    Layer layer = selector.target(track, null, nowNs);
    assertNotNull(layer);
    return layer.index();
  }

  @Test
  void theFirstGuessMayBeRaisedAtOnce() {
    selector.budget(track, 600_000, nowNs);
    assertEquals(1, target());
    assertTrue(selector.limited(track, nowNs));
    assertEquals(2_000_000, selector.wantedBps(track, nowNs));
    run(100, 3);
    selector.budget(track, 2_000_000, nowNs);
    assertEquals(2, target());
    assertFalse(selector.limited(track, nowNs));
  }

  @Test
  void aShortWantIsBorneALongOneIsNot() {
    selector.budget(track, 3_000_000, nowNs);
    selector.budget(track, 1_300_000, nowNs);
    assertEquals(2, target(), "a dip");
    run(400, 3);
    selector.budget(track, 1_300_000, nowNs);
    assertEquals(1, target());
    run(1_000, 3);
    selector.budget(track, 3_000_000, nowNs);
    assertEquals(1, target(), "not to and fro");
    run(4_000, 3);
    selector.budget(track, 3_000_000, nowNs);
    assertEquals(2, target());
  }

  @Test
  void aCollapseIsAnsweredAtOnceAndNeverWithNothing() {
    selector.budget(track, 3_000_000, nowNs);
    long taken = selector.budget(track, 10_000, nowNs);
    assertEquals(0, target());
    assertEquals(80_000, taken);
  }

  @Test
  void aLayerThatNobodySendsIsNotWaitedFor() {
    selector.budget(track, 600_000, nowNs);
    run(2_000, 1);
    selector.budget(track, 3_000_000, nowNs);
    assertEquals(0, target());
    assertFalse(selector.limited(track, nowNs));
  }

  @Test
  void withoutABudgetTheBestIsTaken() {
    selector.budget(track, Long.MAX_VALUE, nowNs);
    assertEquals(2, target());
    selector.allowUpTo(1, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertEquals(1, target());
  }
}
