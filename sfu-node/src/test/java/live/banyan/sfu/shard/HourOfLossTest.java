package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.Test;

/**
 * An hour of 2.5 Mbit/s in virtual time, 260 packets a second, of which 1% is lost on the
 * publisher's way: a viewer that comes then joins as the first one did, and nothing has grown.
 */
class HourOfLossTest {
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final long FRAME_NS = 33_333_333L;
  private static final int MEDIA = 0x111;
  private static final int RTX = 0x112;
  private static final int SENT = 4_096;
  private static final int FRAMES_PER_HOUR = 108_000;
  private static final byte[] REPORT = {(byte) 0x80, (byte) 201, 0, 1, 0, 0, 0, 1};

  private final ShardHarness world = new ShardHarness();
  private final Random loss = new Random(17);
  private final byte[][] sent = new byte[SENT][];
  private final Queue<Integer> asked = new ArrayDeque<>();
  private int sequence = 60_000;
  private int rtxSequence = 9;
  private int timestamp = -200_000_000;
  private int frame;
  private long packets;
  private long lost;
  private boolean keyframeWanted = true;

  /** How a viewer's first picture came. */
  private record Join(long afterNs, int packets) {}

  private void open() {
    connect(1, PUBLISHER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, MEDIA, RTX)),
            true,
            true,
            false));
  }

  private void connect(long transport, long low, int port) {
    world.connect(transport, low, port);
    world.execute(new ShardCommand.InstallCipher(transport, new NoCipher()));
  }

  private void watch(int viewer) {
    connect(100 + viewer, VIEWER, 2000 + viewer);
    world.execute(
        new ShardCommand.OpenSubscription(
            200 + viewer,
            100 + viewer,
            10,
            0x5000 + viewer,
            0x6000 + viewer,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            ExtensionMap.EMPTY));
  }

  /** Sends a frame of 8 or 9 packets, of which some are lost, and what was asked for again. */
  private List<RecordingSink.Datagram> frame() {
    timestamp += 3_000;
    int count = 8 + (frame % 3 == 0 ? 0 : 1);
    for (int repeats = asked.size(); repeats > 0; repeats--) {
      arrive(repeat(asked.remove()));
    }
    for (int i = 0; i < count; i++) {
      byte[] payload = RtpPackets.vp8(i == 0, keyframeWanted, frame & 0x7FFF, frame & 0xFF, 40, i);
      byte[] packet =
          RtpPackets.packet(MEDIA, 96, sequence, timestamp, i == count - 1, Map.of(), payload);
      sent[sequence & SENT - 1] = packet;
      sequence = sequence + 1 & 0xFFFF;
      arrive(packet);
    }
    keyframeWanted = false;
    frame++;
    if (frame % 30 == 0) {
      world.receive(REPORT.clone(), PUBLISHER, 1000);
      world.receive(REPORT.clone(), VIEWER, 2000);
      world.receive(REPORT.clone(), VIEWER, 2001);
    }
    world.shard.onBatchEnd(world.nowNs);
    world.advance(FRAME_NS);
    List<RecordingSink.Datagram> out = world.sink.take();
    for (RecordingSink.Datagram datagram : out) {
      if (datagram.port() == 1000 && RtpPackets.isRtcp(datagram.bytes())) {
        MemorySegment bytes = MemorySegment.ofArray(datagram.bytes());
        RtcpCompound.walk(bytes, 0, datagram.bytes().length, requests);
      }
    }
    return out;
  }

  private final RtcpVisitor requests =
      new RtcpVisitor() {
        @Override
        public void nack(int sender, int media, int sequence) {
          asked.add(sequence);
        }

        @Override
        public void pictureLoss(int sender, int media) {
          keyframeWanted = true;
        }
      };

  private void arrive(byte[] packet) {
    packets++;
    if (loss.nextInt(100) == 0) {
      lost++;
    } else {
      world.receive(packet.clone(), PUBLISHER, 1000);
    }
  }

  private byte[] repeat(int number) {
    byte[] original = sent[number & SENT - 1];
    byte[] payload = new byte[original.length - 12 + 2];
    payload[0] = (byte) (number >> 8);
    payload[1] = (byte) number;
    System.arraycopy(original, 12, payload, 2, original.length - 12);
    boolean marker = (original[1] & 0x80) != 0;
    int time = RtpPackets.timestamp(original);
    return RtpPackets.packet(RTX, 97, rtxSequence++ & 0xFFFF, time, marker, Map.of(), payload);
  }

  /** Opens a viewer and runs until it has all packets of one picture. */
  private Join join(int viewer) {
    watch(viewer);
    long openedNs = world.nowNs;
    Set<Integer> got = new HashSet<>();
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      for (RecordingSink.Datagram datagram : frame()) {
        byte[] packet = datagram.bytes();
        if (datagram.port() == 2000 + viewer
            && RtpPackets.isRtp(packet)
            && RtpPackets.ssrc(packet) == 0x5000 + viewer) {
          got.add(RtpPackets.sequence(packet));
          frames.add(packet);
          if (complete(frames)) {
            return new Join(world.nowNs - openedNs, got.size());
          }
        }
      }
    }
    throw new AssertionError("no picture within five seconds");
  }

  private static boolean complete(List<byte[]> packets) {
    int clock = RtpPackets.timestamp(packets.getFirst());
    List<byte[]> first = packets.stream().filter(p -> RtpPackets.timestamp(p) == clock).toList();
    int begin = RtpPackets.sequence(packets.getFirst());
    return first.stream()
        .filter(p -> (p[1] & 0x80) != 0)
        .anyMatch(p -> (RtpPackets.sequence(p) - begin & 0xFFFF) == first.size() - 1);
  }

  @Test
  void aViewerWhoComesAfterAnHourJoinsAsFastAsTheFirst() {
    open();
    for (int i = 0; i < 90; i++) {
      frame();
    }
    Join first = join(0);
    for (int i = 0; i < 3_000; i++) {
      frame();
    }
    long heapBefore = heap();
    for (int i = 0; i < FRAMES_PER_HOUR; i++) {
      frame();
    }
    long heapAfter = heap();
    Join late = join(1);

    String run = "first " + first + ", late " + late + ", " + lost + " of " + packets + " lost";
    assertTrue(packets > 900_000 && lost > 8_000, run);
    // A repair of the first picture's own packets may be on its way: 40 ms, which is two frames.
    assertTrue(late.afterNs <= first.afterNs + 2 * FRAME_NS, run);
    assertTrue(late.packets <= 3 * first.packets, run);
    assertTrue(world.counters.get(ShardCounter.RTX_IN) > lost * 9 / 10, run);
    assertEquals(0, world.counters.get(ShardCounter.REPAIRS_GIVEN_UP), run);
    assertEquals(2 + 1, world.counters.get(ShardCounter.TRANSPORTS), run);
    assertEquals(1, world.counters.get(ShardCounter.TRACKS), run);
    assertEquals(2, world.counters.get(ShardCounter.SUBSCRIPTIONS), run);
    assertTrue(world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT) < 10, run);
    assertTrue(heapAfter - heapBefore < 4 << 20, "heap grew by " + (heapAfter - heapBefore));
    world.close();
  }

  /** What is reachable, as far as a collector tells that has been asked three times. */
  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** Keeps no books: those of an hour would be what grows. */
  private static final class NoCipher implements PacketCipher {
    @Override
    public int protectRtp(
        long extendedSequence,
        MemorySegment dst,
        long dstOffset,
        int headerLength,
        MemorySegment payload,
        long payloadOffset,
        int payloadLength) {
      MemorySegment.copy(payload, payloadOffset, dst, dstOffset + headerLength, payloadLength);
      return headerLength + payloadLength;
    }

    @Override
    public int unprotectRtp(MemorySegment packet, long offset, int length) {
      return length;
    }

    @Override
    public int protectRtcp(MemorySegment packet, long offset, int length) {
      return length;
    }

    @Override
    public int unprotectRtcp(MemorySegment packet, long offset, int length) {
      return length;
    }

    @Override
    public void close() {}
  }
}
