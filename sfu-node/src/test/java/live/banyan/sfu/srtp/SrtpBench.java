package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.packet.SrtpProfile;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sealing and opening packets of 1,200 bytes, per profile and path: {@code bench parts Srtp}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SrtpBench {
  private static final int HEADER = 12;
  private static final int PAYLOAD = 1_188;
  private static final int SLOT = 1_536;
  private static final int SSRC = 0xCAFE;

  /** Packets sealed ahead of those that are opened: a replayed packet is refused. */
  private static final int BATCH = 256;

  @Param public SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
  @Param public CryptoPath path = CryptoPath.LIBCRYPTO;

  private CipherPair pair;
  private MemorySegment payload;
  private long index;

  @Setup
  public void open() {
    pair = new CipherPair(profile, path, path);
    payload = Arena.ofAuto().allocate(SLOT, 64);
  }

  @TearDown
  public void close() {
    pair.close();
  }

  /** What is sealed ahead, outside the time that is taken. */
  @State(Scope.Thread)
  public static class Sealed {
    private final MemorySegment packets = Arena.ofAuto().allocate((long) BATCH * SLOT, 64);
    private final int[] lengths = new int[BATCH];

    // A batch takes a tenth of a millisecond or more: far more than looking at the clock does.
    @Setup(Level.Invocation)
    public void seal(SrtpBench bench) {
      for (int i = 0; i < BATCH; i++) {
        lengths[i] = bench.seal(packets, (long) i * SLOT);
      }
    }
  }

  @Benchmark
  public int protect() {
    return seal(pair.wire, 0);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void unprotect(Sealed sealed) {
    for (int i = 0; i < BATCH; i++) {
      int length = pair.receiver.unprotectRtp(sealed.packets, (long) i * SLOT, sealed.lengths[i]);
      if (length != HEADER + PAYLOAD) {
        throw new AssertionError("refused: " + length);
      }
    }
  }

  private int seal(MemorySegment to, long at) {
    to.set(CipherPair.INT, at, 0x80600000 | (int) (index & 0xFFFF));
    to.set(CipherPair.INT, at + 8, SSRC);
    return pair.sender.protectRtp(index++, to, at, HEADER, payload, 0, PAYLOAD);
  }
}
