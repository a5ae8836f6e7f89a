package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.PacketSink;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.srtp.PacketCiphers;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The packet path with real ciphers: what leaves, what it allocates. */
class AllocationTest {
  private static final int SUBSCRIBERS = 20;
  private static final int WARM_UP = 8_000;
  private static final int MEASURED = 5_000;
  private static final int PER_FRAME = 8;
  private static final long PUBLISHER = ShardHarness.V4 | 1;

  /** Counts datagrams and forgets them. */
  private static final class CountingSink implements PacketSink {
    private final MemorySegment memory = Arena.ofAuto().allocate(64 * 2048);
    private int slot;
    long datagrams;

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public long claim(long addressHigh, long addressLow, int port, int maxLength) {
      slot = slot + 1 & 63;
      return slot * 2048L;
    }

    @Override
    public void commit(int length) {
      datagrams += length > 0 ? 1 : 0;
    }

    @Override
    public void flush() {}
  }

  private static SrtpKeys keys(int seed, boolean mirrored) {
    SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
    Random random = new Random(seed);
    byte[][] parts = {
      new byte[profile.keyLength()],
      new byte[profile.saltLength()],
      new byte[profile.keyLength()],
      new byte[profile.saltLength()]
    };
    for (byte[] part : parts) {
      random.nextBytes(part);
    }
    return mirrored
        ? new SrtpKeys(profile, parts[2], parts[3], parts[0], parts[1])
        : new SrtpKeys(profile, parts[0], parts[1], parts[2], parts[3]);
  }

  private final CountingSink sink = new CountingSink();
  private final ShardCounters counters = new ShardCounters();
  // Viewers say nothing here, and shall not be taken for dead.
  private final ShardConfig config =
      new ShardConfig(1024, 256, Long.MAX_VALUE, Long.MAX_VALUE, ShardHarness.WALL, 100, 10, 10, 0);
  private final Shard shard = new Shard(sink, event -> {}, new Random(1), counters, config);
  private final MemorySegment memory = Arena.ofAuto().allocate(4096);
  private long nowNs = 1_000_000_000L;

  private void connect(int transportId, long low) {
    String ufrag = "u" + transportId;
    shard.execute(
        new ShardCommand.OpenTransport(
            transportId,
            new IceCredentials(ufrag, "password-of-this-end"),
            new IceCredentials("peer", "password-of-the-peer")),
        nowNs);
    byte[] check = StunRequests.check(ufrag + ":peer", "password-of-this-end", true);
    MemorySegment.copy(check, 0, memory, ValueLayout.JAVA_BYTE, 0, check.length);
    shard.onDatagram(memory, 0, check.length, 0, low, 9, nowNs);
    shard.execute(
        new ShardCommand.InstallCipher(transportId, PacketCiphers.create(keys(transportId, false))),
        nowNs);
  }

  @Test
  void forwardingAllocatesNothing() {
    Assumptions.assumeTrue(PacketCiphers.cryptoPath().equals("libcrypto"));
    connect(1, PUBLISHER);
    shard.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY), nowNs);
    shard.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0x112)),
            true,
            true,
            false),
        nowNs);
    for (int i = 0; i < SUBSCRIBERS; i++) {
      connect(100 + i, PUBLISHER + 100 + i);
      shard.execute(
          new ShardCommand.OpenSubscription(
              1000 + i,
              100 + i,
              10,
              0x5000,
              0x5001,
              "stream",
              "0",
              List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
              new ExtensionMap(Map.of(ExtensionKind.MID, 3, ExtensionKind.TRANSPORT_SEQUENCE, 4))),
          nowNs);
    }
    PacketCipher publisher = PacketCiphers.create(keys(1, true));
    MemorySegment payload = Arena.ofAuto().allocate(1200);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    send(publisher, payload, 0, WARM_UP);
    long datagrams = sink.datagrams;
    long before = threads.getCurrentThreadAllocatedBytes();
    long started = threads.getCurrentThreadCpuTime();
    send(publisher, payload, WARM_UP, WARM_UP + MEASURED);
    long elapsed = threads.getCurrentThreadCpuTime() - started;
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    long forwarded = sink.datagrams - datagrams;
    System.out.printf(
        "forwarded %d packets, %d ns of CPU and %.3f bytes each%n",
        forwarded, elapsed / forwarded, (double) allocated / forwarded);
    assertTrue(forwarded >= (long) MEASURED * SUBSCRIBERS, "forwarded " + forwarded);
    assertTrue(allocated < forwarded / 20, allocated + " bytes for " + forwarded + " packets");
    assertEquals(WARM_UP + MEASURED, counters.get(ShardCounter.RTP_PACKETS_IN));
    publisher.close();
    shard.close();
  }

  @Test
  void answeringChecksAllocatesNothing() {
    connect(1, PUBLISHER);
    byte[] check = StunRequests.check("u1:peer", "password-of-this-end", false);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    check(check, WARM_UP);
    long answered = sink.datagrams;
    long before = threads.getCurrentThreadAllocatedBytes();
    check(check, MEASURED);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(MEASURED, sink.datagrams - answered);
    assertTrue(allocated < MEASURED, allocated + " bytes for " + MEASURED + " checks");
    shard.close();
  }

  @Test
  void refusingStrangersAllocatesNothing() {
    connect(1, PUBLISHER);
    byte[] hello = new byte[300];
    hello[0] = 22;
    byte[][] unwanted = {
      StunRequests.check("nobody:peer", "password-of-this-end", true),
      StunRequests.check("u1:peer", "another-password", true),
      StunRequests.unsigned(StunRequests.REQUEST, "u1:peer"),
      new byte[] {1, 1, 0, 0},
      hello
    };
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    refuse(unwanted, WARM_UP);
    long before = threads.getCurrentThreadAllocatedBytes();
    refuse(unwanted, MEASURED);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < MEASURED, allocated + " bytes for 5 x " + MEASURED + " datagrams");
    assertEquals(1 + 100, sink.datagrams, "the true check's answer, and a second's errors");
    shard.close();
  }

  private void refuse(byte[][] unwanted, int times) {
    for (int i = 0; i < times; i++) {
      for (byte[] datagram : unwanted) {
        MemorySegment.copy(datagram, 0, memory, ValueLayout.JAVA_BYTE, 0, datagram.length);
        shard.onDatagram(memory, 0, datagram.length, 0, PUBLISHER + 1, i, nowNs);
      }
    }
  }

  private void check(byte[] check, int times) {
    for (int i = 0; i < times; i++) {
      MemorySegment.copy(check, 0, memory, ValueLayout.JAVA_BYTE, 0, check.length);
      shard.onDatagram(memory, 0, check.length, 0, PUBLISHER, 9, nowNs);
    }
  }

  private void send(PacketCipher publisher, MemorySegment payload, int from, int to) {
    for (int sequence = from; sequence < to; sequence++) {
      int frame = sequence / PER_FRAME;
      boolean first = sequence % PER_FRAME == 0;
      NetworkOrder.put8(payload, 0, 0x80 | (first ? 0x10 : 0));
      NetworkOrder.put8(payload, 1, 0x80);
      NetworkOrder.put16(payload, 2, 0x8000 | (frame & 0x7FFF));
      NetworkOrder.put8(payload, 4, frame % 300 == 0 ? 0 : 1);
      RtpHeader.write(
          memory, 0, sequence % PER_FRAME == PER_FRAME - 1, 96, sequence, frame * 3000, 0x111);
      int length = publisher.protectRtp(sequence, memory, 0, 12, payload, 0, 1100);
      shard.onDatagram(memory, 0, length, 0, PUBLISHER, 9, nowNs);
      if (sequence % PER_FRAME == PER_FRAME - 1) {
        shard.onBatchEnd(nowNs);
        nowNs += 3_000_000L;
        if (nowNs >= shard.nextDeadlineNs()) {
          shard.onTimer(nowNs);
        }
      }
    }
  }
}
