package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Crowds at several nodes that take one stream, all in want of a keyframe. */
class RelayKeyframesTest {
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long PARENT = ShardHarness.V4 | 2;
  private static final long VIEWERS = ShardHarness.V4 | 3;
  private static final long FIRST_CHILD = ShardHarness.V4 | 4;
  private static final int PORT = 9;
  private static final int SSRC = 0x9000;
  private static final int CHILDREN = 3;
  private static final long STEP_MS = 20;

  private final ShardHarness ingest = new ShardHarness();
  private final List<ShardHarness> children = new ArrayList<>();
  private final Publisher publisher = new Publisher(0x111, 0x112, 96, 1_000, Map.of());
  private final List<Long> requestedMs = new ArrayList<>();
  private long nowMs;
  private long noted;
  private long subscriptions = 100;

  @BeforeEach
  void open() {
    ingest.connect(1, PUBLISHER, PORT);
    ingest.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    source(ingest, 1, 96, 0x111);
    for (int i = 0; i < CHILDREN; i++) {
      ShardHarness child = new ShardHarness();
      children.add(child);
      ingest.link(2 + i, FIRST_CHILD + i, PORT);
      child.link(2, PARENT, PORT);
      child.connect(3, VIEWERS, PORT);
      child.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.RELAY));
      source(child, 2, Codec.VP8.relayPayloadType(), SSRC);
      ingest.execute(new ShardCommand.OpenRelay(30 + i, 2 + i, 10, 0, SSRC, SSRC + 1, -1));
    }
  }

  private static void source(ShardHarness node, long transport, int payloadType, int ssrc) {
    List<ShardCommand.SourceLayer> layer =
        List.of(new ShardCommand.SourceLayer(null, ssrc, ssrc + 1));
    node.execute(
        new ShardCommand.AddSource(
            10, transport, null, payloadType, payloadType + 1, layer, true, true, false));
  }

  @AfterEach
  void close() {
    ingest.close();
    children.forEach(ShardHarness::close);
  }

  @Test
  void thePublisherIsAskedOnceInHalfASecond() {
    step(true);
    for (int i = 0; i < 150; i++) {
      step(false); // the keyframe is three seconds old
    }
    requestedMs.clear();
    long before = ingest.counters.get(ShardCounter.PLI_IN);
    for (int i = 0; i < 60; i++) {
      join(children.get(i % CHILDREN));
      step(false);
    }
    assertTrue(requestedMs.size() >= 2, "asked at " + requestedMs);
    for (int i = 1; i < requestedMs.size(); i++) {
      long gapMs = requestedMs.get(i) - requestedMs.get(i - 1);
      assertTrue(gapMs >= 500, "asked at " + requestedMs);
    }
    long heard = ingest.counters.get(ShardCounter.PLI_IN) - before;
    assertTrue(heard > requestedMs.size(), heard + " requests of three nodes became fewer");
    step(true);
    requestedMs.clear();
    for (int i = 0; i < 50; i++) {
      step(false);
    }
    assertEquals(List.of(), requestedMs, "everybody has one");
  }

  /** One more who watches, over the transport that is there. */
  private void join(ShardHarness child) {
    long id = subscriptions++;
    child.execute(
        new ShardCommand.OpenSubscription(
            id,
            3,
            10,
            (int) id << 8,
            (int) id << 8 | 1,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            ExtensionMap.EMPTY));
  }

  private void step(boolean keyframe) {
    publisher.frame(keyframe).forEach(packet -> ingest.receive(packet, PUBLISHER, PORT));
    ingest.shard.onBatchEnd(ingest.nowNs);
    for (RecordingSink.Datagram datagram : ingest.sink.take()) {
      int child = (int) (datagram.low() - FIRST_CHILD);
      if (child >= 0 && child < CHILDREN) {
        children.get(child).receive(datagram.bytes(), PARENT, PORT);
      }
    }
    for (int i = 0; i < CHILDREN; i++) {
      ShardHarness child = children.get(i);
      child.shard.onBatchEnd(child.nowNs);
      child.advance(STEP_MS * ShardHarness.MS);
      for (RecordingSink.Datagram datagram : child.sink.take()) {
        if (datagram.low() == PARENT) {
          ingest.receive(datagram.bytes(), FIRST_CHILD + i, PORT);
        }
      }
    }
    ingest.advance(0); // what is due at once leaves at once
    note();
    for (int i = 0; i < STEP_MS; i++) {
      ingest.advance(ShardHarness.MS);
      nowMs++;
      note();
    }
  }

  private void note() {
    long requests = ingest.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT);
    if (requests > noted) {
      requestedMs.add(nowMs);
      noted = requests;
    }
  }
}
