package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;

/**
 * A whole shard with a publisher, a viewer, a link and a stranger, each of whom sends datagrams of
 * the fuzzer's at the fuzzer's times: STUN, DTLS, RTP and RTCP. The harness's cipher and sink throw
 * where an index is used for two packets, or a slot for more than was claimed.
 */
public final class ShardFuzz {
  private static final int STEPS_MAX = 64;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final long LINK = ShardHarness.V4 | 3;
  private static final long STRANGER = ShardHarness.V4 | 4;
  private static final ExtensionMap EXTENSIONS =
      new ExtensionMap(
          Map.of(
              ExtensionKind.MID, 1,
              ExtensionKind.RID, 2,
              ExtensionKind.TRANSPORT_SEQUENCE, 3,
              ExtensionKind.ABS_CAPTURE_TIME, 4,
              ExtensionKind.DEPENDENCY_DESCRIPTOR, 5));

  private ShardFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    Codec[] codecs = Codec.values();
    Codec codec = codecs[input.u8() % codecs.length];
    try (ShardHarness world = new ShardHarness()) {
      open(world, codec);
      int received = 0;
      for (int i = 0; i < STEPS_MAX && !input.isEmpty(); i++) {
        int step = input.u8();
        byte[] datagram = input.chunk();
        if (datagram.length > 1_500) {
          return;
        }
        long before = world.drops();
        switch (step & 3) {
          case 0 -> world.receive(datagram, PUBLISHER, 1000);
          case 1 -> world.receive(datagram, VIEWER, 2000);
          case 2 -> world.receive(datagram, LINK, 3000);
          default -> {
            world.receive(datagram, STRANGER, 4000);
            assertTrue(world.drops() > before || datagram.length >= 20, "a stranger is dropped");
          }
        }
        received++;
        if ((step & 4) != 0) {
          world.shard.onBatchEnd(world.nowNs);
        }
        world.advance((step >> 3) * ShardHarness.MS);
        check(world.sink.take(), datagram);
      }
      assertTrue(world.counters.get(ShardCounter.DATAGRAMS_IN) >= received);
    }
  }

  private static void check(List<RecordingSink.Datagram> sent, byte[] received) {
    assertTrue(sent.size() < 2_000, "answers are bounded");
    for (RecordingSink.Datagram datagram : sent) {
      if (datagram.port() == 4000) {
        assertTrue(datagram.bytes().length <= received.length, "an answer may not amplify");
      }
    }
  }

  private static void open(ShardHarness world, Codec codec) {
    world.connect(1, PUBLISHER, 1000);
    world.connect(2, VIEWER, 2000);
    world.link(3, LINK, 3000);
    world.execute(new ShardCommand.OpenTrack(1, codec, 1, EXTENSIONS));
    world.execute(
        new ShardCommand.AddSource(
            1,
            1,
            "0",
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0x112)),
            true,
            true,
            false));
    world.execute(
        new ShardCommand.OpenSubscription(
            11,
            2,
            1,
            0x5000,
            0x5001,
            "c",
            "0",
            List.of(new ShardCommand.CodecPayload(codec, 120, 121)),
            EXTENSIONS));
    world.execute(new ShardCommand.OpenRelay(12, 3, 1, 0, 0x6000, 0x6001, -1));
    world.sink.take();
  }
}
