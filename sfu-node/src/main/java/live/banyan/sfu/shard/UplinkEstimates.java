package live.banyan.sfu.shard;

import live.banyan.sfu.congestion.ReceiverEstimate;
import live.banyan.sfu.rtcp.RtcpWriter;
import org.jspecify.annotations.Nullable;

/**
 * Tells publishers that take no feedback of arrivals what their path bears (REMB). Not thread safe.
 */
final class UplinkEstimates {
  /** Streams named in a report; its limit is of all that the transport carries anyway. */
  private static final int SSRCS_MAX = 32;

  private final RtcpSender rtcp;
  private final ShardCounters counters;
  private final int[] ssrcs = new int[SSRCS_MAX];

  UplinkEstimates(RtcpSender rtcp, ShardCounters counters) {
    this.rtcp = rtcp;
    this.counters = counters;
  }

  /** Looks at what has come, and tells the sender where that is due. */
  void run(Transport transport, ReceiverEstimate uplink, long nowNs) {
    long received = 0;
    long lost = 0;
    int named = 0;
    for (int s = 0; s < transport.sources.size(); s++) {
      for (@Nullable SourceStream stream : transport.sources.get(s).streams) {
        if (stream == null || !stream.statistics.hasReceived()) {
          continue;
        }
        received += stream.statistics.packetsReceived();
        lost += stream.statistics.cumulativeLost();
        if (named < SSRCS_MAX) {
          ssrcs[named++] = stream.ssrc;
        }
      }
    }
    if (named == 0) {
      return;
    }
    uplink.update(received, lost, nowNs);
    if (uplink.isDue(nowNs) && rtcp.begin(transport)) {
      rtcp.wrote(RtcpWriter.receiverReport(rtcp.memory(), rtcp.at(), transport.localSsrc));
      rtcp.wrote(
          RtcpWriter.receiverEstimatedBitrate(
              rtcp.memory(), rtcp.at(), transport.localSsrc, uplink.estimateBps(), ssrcs, named));
      rtcp.end();
      uplink.told(nowNs);
      counters.add(ShardCounter.ESTIMATES_OUT, 1);
    }
  }
}
