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

  private int needed(int current) {
    return selector.needed(track, track.layer(current), nowNs);
  }

  /** What the shard does now and then. */
  private void remember() {
    for (int i = 0; i < track.layerCount(); i++) {
      track.layer(i).remember(nowNs);
    }
  }

  /** Has one layer alone flow. */
  private void runAlone(int ms, int layer) {
    for (int t = 0; t < ms; t += 10) {
      nowNs += 10 * MS;
      for (int i = 0; i < PACKETS[layer]; i++) {
        RtpHeader.write(memory, 0, true, 96, sequences[layer]++ & 0xFFFF, 90 * t, layer);
        packet.read(memory, 0, RtpHeader.FIXED_LENGTH + BYTES[layer], nowNs);
        track.layer(layer).onPacket(packet);
      }
    }
  }

  @Test
  void aViewerOfUnknownMeansNeedsTheBestAlone() {
    assertEquals(0b100, needed(2));
    selector.allowUpTo(1, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertEquals(0b110, needed(2), "until it has changed it needs both");
    assertEquals(0b010, needed(1));
    selector.watch(false);
    assertEquals(0b001, needed(0));
  }

  @Test
  void whoHasNothingYetTakesWhateverComesFirst() {
    assertEquals(0b100, selector.needed(track, null, nowNs));
    runAlone(2_000, 0);
    assertEquals(0b111, selector.needed(track, null, nowNs));
    assertEquals(0b111, needed(0), "the middle one may stand in for the best");
  }

  @Test
  void whenTheBestStopsTheOthersAreNeeded() {
    runAlone(2_000, 2);
    assertEquals(0b100, needed(2));
    nowNs += 300 * MS;
    assertEquals(0b100, needed(2), "a hiccup");
    nowNs += 150 * MS;
    assertEquals(0b111, needed(2));
  }

  @Test
  void aLayerThatRestsIsNeededAsSoonAsThePathBearsWhatItTook() {
    remember();
    selector.budget(track, 600_000, nowNs);
    runAlone(2_000, 1);
    track.layer(2).rest(true);
    selector.budget(track, 600_000, nowNs);
    assertEquals(0b010, needed(1));
    assertEquals(2_000_000, selector.wantedBps(track, nowNs), "to be probed for, though it rests");
    selector.budget(track, 1_700_000, nowNs);
    assertEquals(0b010, needed(1));
    selector.budget(track, 1_800_000, nowNs);
    assertEquals(0b110, needed(1));
    assertEquals(1, target(), "not before it comes");
    run(500, 3);
    selector.budget(track, 1_800_000, nowNs);
    assertEquals(2, target());
  }

  @Test
  void aSmallerLayerIsNeededAsSoonAsThePathNarrows() {
    remember();
    selector.budget(track, 3_000_000, nowNs);
    runAlone(2_000, 2);
    selector.budget(track, 3_000_000, nowNs);
    assertEquals(0b100, needed(2));
    selector.budget(track, 600_000, nowNs);
    assertEquals(0b110, needed(2), "the middle one; the smallest would be too little");
    assertEquals(2, target(), "not before it comes");
    run(500, 2);
    selector.budget(track, 600_000, nowNs);
    assertEquals(1, target());
    assertEquals(0b010, needed(1));
  }

  @Test
  void ratesOfLayersThatNeverCameAreGuessedFromTheirNeighbours() {
    Track fresh =
        new Track(2, Codec.VP8, 3, 256, ExtensionMap.EMPTY, new CacheRoom(0), () -> {}, () -> {});
    try {
      assertEquals(0, fresh.rungs().expectedBps(1, nowNs));
      for (int i = 0; i < 300; i++) {
        nowNs += 10 * MS;
        RtpHeader.write(memory, 0, true, 96, i, 90 * i, 1);
        packet.read(memory, 0, RtpHeader.FIXED_LENGTH + 500, nowNs);
        fresh.layer(1).onPacket(packet);
      }
      assertEquals(400_000, fresh.rungs().expectedBps(1, nowNs));
      assertEquals(1_200_000, fresh.rungs().expectedBps(2, nowNs));
      assertEquals(400_000 / 3, fresh.rungs().expectedBps(0, nowNs));
    } finally {
      fresh.close();
    }
  }

  @Test
  void aRateIsKeptInMindForAsLongAsItSaysSomething() {
    remember();
    runAlone(20_000, 1);
    assertEquals(1_600_000, track.rungs().expectedBps(2, nowNs));
    remember();
    runAlone(12_000, 1);
    assertEquals(1_200_000, track.rungs().expectedBps(2, nowNs), "three times the one below");
    run(100, 3);
    assertEquals(1_600_000, track.layer(2).bitrateBps(nowNs), "no less than it took before");
  }
}
