package live.banyan.node.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import live.banyan.sfu.client.LatencyHistogram;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpExtensions;

/** The floor's far ends. They count, and read the capture time, which SRTP leaves in clear. */
abstract class FloorReceivers implements AutoCloseable {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final LatencyHistogram latencies = new LatencyHistogram(); // guarded by itself
  private long received; // guarded by latencies

  /** Where they receive. */
  abstract List<Integer> ports() throws IOException;

  @Override
  public abstract void close();

  final Contender.Traffic traffic() {
    synchronized (latencies) {
      LatencyHistogram copy = new LatencyHistogram();
      copy.add(latencies);
      return new Contender.Traffic(received, copy);
    }
  }

  /** A packet has arrived; from any thread. */
  final void received(MemorySegment memory, long offset) {
    Instant now = Instant.now();
    long capture =
        ExtensionValues.absCaptureTime(
            memory, RtpExtensions.find(memory, offset, BurstSource.CAPTURE_TIME_ID));
    long late =
        now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - NtpTime.toEpochNs(capture);
    synchronized (latencies) {
      received++;
      latencies.record(late);
    }
  }
}
