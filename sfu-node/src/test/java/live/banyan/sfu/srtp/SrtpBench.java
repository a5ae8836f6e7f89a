package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import live.banyan.sfu.packet.SrtpProfile;

/**
 * CPU time to seal and open packets of 1,200 bytes, per profile and path; medians of rounds that
 * take turns, so that a noisy machine hits all alike. Run on demand: the figures stand in
 * docs/performance.md.
 */
public final class SrtpBench {
  private static final int ROUNDS = 41;
  private static final int PACKETS = 20_000;
  private static final int PAYLOAD = 1_188;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private SrtpBench() {}

  public static void main(String[] arguments) {
    for (SrtpProfile profile : SrtpProfile.values()) {
      Lane[] lanes = new Lane[CryptoPath.values().length];
      for (CryptoPath path : CryptoPath.values()) {
        lanes[path.ordinal()] = new Lane(profile, path);
      }
      for (int round = -10; round < ROUNDS; round++) {
        for (Lane lane : lanes) {
          lane.round(round);
        }
      }
      for (Lane lane : lanes) {
        lane.print();
      }
    }
  }

  private static final class Lane {
    private final SrtpProfile profile;
    private final CryptoPath path;
    private final CipherPair pair;
    private final long[] sealNs = new long[ROUNDS];
    private final long[] openNs = new long[ROUNDS];
    private long index;

    Lane(SrtpProfile profile, CryptoPath path) {
      this.profile = profile;
      this.path = path;
      pair = new CipherPair(profile, path, path);
    }

    void round(int round) {
      MemorySegment wire = pair.wire;
      long seal = 0;
      long open = 0;
      // Batches amortise reading the CPU clock, which is a system call.
      for (int batch = 0; batch < PACKETS; batch += 1_000) {
        long start = THREADS.getCurrentThreadCpuTime();
        int length = 0;
        for (int i = 0; i < 1_000; i++) {
          length = sealNext(wire);
        }
        seal += THREADS.getCurrentThreadCpuTime() - start;
        start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < 1_000; i++) {
          length = sealNext(wire);
          if (pair.receiver.unprotectRtp(wire, 0, length) != 12 + PAYLOAD) {
            throw new AssertionError("packet " + index);
          }
        }
        open += THREADS.getCurrentThreadCpuTime() - start;
      }
      if (round >= 0) {
        sealNs[round] = seal / PACKETS;
        openNs[round] = (open - seal) / PACKETS;
      }
    }

    private int sealNext(MemorySegment wire) {
      wire.set(CipherPair.INT, 0, 0x80600000 | (int) (index & 0xFFFF));
      wire.set(CipherPair.INT, 8, 0xCAFE);
      return pair.sender.protectRtp(index++, wire, 0, 12, wire, 2048, PAYLOAD);
    }

    void print() {
      Arrays.sort(sealNs);
      Arrays.sort(openNs);
      System.out.printf(
          "%-18s %-10s protect %5d ns  unprotect %5d ns%n",
          profile, path.label(), sealNs[ROUNDS / 2], openNs[ROUNDS / 2]);
      pair.close();
    }
  }
}
