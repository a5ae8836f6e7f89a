package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import live.banyan.sfu.packet.DropReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loss recovery on whole paths: publisher, shards and viewers on a simulated network. */
class MediaPlanTest {
  private static final long MS = MediaPlan.MS;
  private static final long TRACK = 10;
  private static final int PUBLISHER = 1;
  private static final int INGEST = 2;
  private static final int RELAY = 3;
  private static final int VIEWER = 4;

  @ParameterizedTest(name = "loss {0}, seed {1}, rtx {2}")
  @CsvSource({
    "0.0, 1, true",
    "0.01, 2, true",
    "0.05, 3, true",
    "0.05, 4, true",
    "0.05, 5, false",
    "0.10, 6, true"
  })
  void everyPacketArrivesOverTwoLossyHops(double loss, long seed, boolean rtx) {
    try (MediaPlan plan = new MediaPlan(seed)) {
      MediaPlan.Path lossy = new MediaPlan.Path(loss, 0.01, 10 * MS, 6 * MS);
      plan.path(PUBLISHER, INGEST, lossy);
      plan.path(INGEST, RELAY, lossy);
      plan.path(RELAY, VIEWER, lossy);
      PublisherParty publisher = plan.publish(PUBLISHER, INGEST, TRACK);
      plan.run(300 * MS);
      plan.relay(INGEST, RELAY, plan.link(INGEST, RELAY), TRACK, -1);
      ViewerParty viewer = plan.watch(VIEWER, RELAY, TRACK, rtx);
      plan.run(10_000 * MS);
      publisher.stop();
      plan.run(2_000 * MS);

      String run = "seed " + seed;
      assertTrue(viewer.got.size() > 4 * 290, run + ": only " + viewer.got.size());
      assertEquals(List.of(), viewer.missingPlaces(), run);
      assertTrue(viewer.inStep(), run);
      assertTrue(viewer.longestGapNs < 400 * MS, run + ": gap " + viewer.longestGapNs / MS);
      ShardCounters relay = plan.shard(RELAY).counters;
      assertEquals(0, relay.get(DropReason.SRTP_FORGED), run);
      if (loss > 0) {
        assertTrue(plan.shard(INGEST).counters.get(ShardCounter.RTX_IN) > 0, run);
        assertTrue(relay.get(ShardCounter.RTX_IN) > 0, run);
        assertTrue(rtx ? viewer.viaRtx > 0 : viewer.viaRtx == 0, run);
      }
      assertTrue(publisher.keyframes <= 5, run + ": keyframes " + publisher.keyframes);
    }
  }

  @Test
  void aSecondParentReplaysWhatTheFirstTookWithIt() {
    int first = 5;
    int second = 6;
    int child = 7;
    try (MediaPlan plan = new MediaPlan(11)) {
      PublisherParty publisher = plan.publish(PUBLISHER, INGEST, TRACK);
      plan.run(100 * MS);
      plan.relay(INGEST, first, plan.link(INGEST, first), TRACK, -1);
      plan.relay(INGEST, second, plan.link(INGEST, second), TRACK, -1);
      plan.run(2_000 * MS);
      long[] toFirst = plan.link(first, child);
      long[] toSecond = plan.link(second, child);
      plan.relay(first, child, toFirst, TRACK, -1);
      ViewerParty viewer = plan.watch(VIEWER, child, TRACK, true);
      plan.run(3_000 * MS);

      plan.kill(first);
      long deadline = plan.nowNs + 500 * MS;
      ShardEvent silent = new ShardEvent.SourceSilent(TRACK, toFirst[1]);
      while (!plan.shard(child).events.contains(silent) && plan.nowNs < deadline) {
        plan.run(MS);
      }
      assertTrue(plan.shard(child).events.contains(silent), "silence of the parent goes unnoticed");
      long position = plan.shard(child).shard.position(TRACK, 0);
      plan.relay(second, child, toSecond, TRACK, position + 1);
      plan.run(2_000 * MS);
      publisher.stop();
      plan.run(500 * MS);

      assertEquals(List.of(), viewer.missingPlaces());
      assertTrue(viewer.inStep());
      assertTrue(viewer.longestGapNs < 250 * MS, "gap " + viewer.longestGapNs / MS + " ms");
      assertEquals(0, viewer.duplicates);
      assertEquals(0, plan.shard(child).counters.get(DropReason.SRTP_FORGED));
    }
  }

  @Test
  void twoParentsAtOnceAreMerged() {
    int first = 5;
    int second = 6;
    int child = 7;
    try (MediaPlan plan = new MediaPlan(12)) {
      MediaPlan.Path lossy = new MediaPlan.Path(0.05, 0, 10 * MS, 4 * MS);
      plan.path(first, child, lossy);
      plan.path(second, child, new MediaPlan.Path(0.05, 0, 40 * MS, 4 * MS));
      PublisherParty publisher = plan.publish(PUBLISHER, INGEST, TRACK);
      plan.relay(INGEST, first, plan.link(INGEST, first), TRACK, -1);
      plan.relay(INGEST, second, plan.link(INGEST, second), TRACK, -1);
      plan.run(500 * MS);
      plan.relay(first, child, plan.link(first, child), TRACK, -1);
      plan.relay(second, child, plan.link(second, child), TRACK, -1);
      ViewerParty viewer = plan.watch(VIEWER, child, TRACK, true);
      plan.run(5_000 * MS);
      publisher.stop();
      plan.run(1_000 * MS);
      assertTrue(viewer.got.size() > 4 * 140);
      assertEquals(List.of(), viewer.missingPlaces());
      assertTrue(viewer.inStep());
      ShardCounters counters = plan.shard(child).counters;
      assertTrue(counters.get(DropReason.RTP_DUPLICATE) > 500);
    }
  }
}
