package live.banyan.sfu.shard;

import java.util.random.RandomGenerator;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.SenderClock;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.NtpTime;

/**
 * The regular RTCP of a transport: sender reports with CNAME for what leaves, receiver reports for
 * what comes, arrival feedback for congestion control. Not thread safe.
 */
final class Reports {
  private static final long INTERVAL_NS = 1_000_000_000L;
  private static final long SOON_NS = 50_000_000L;
  // A source that has reported nothing for this long gets a clock assumed.
  private static final long PATIENCE_NS = 2_500_000_000L;

  private final RtcpSender rtcp;
  private final ShardCounters counters;
  private final RandomGenerator random;
  private final long wallClockOffsetNs;

  Reports(RtcpSender rtcp, ShardCounters counters, RandomGenerator random, long wallClockOffsetNs) {
    this.rtcp = rtcp;
    this.counters = counters;
    this.random = random;
    this.wallClockOffsetNs = wallClockOffsetNs;
  }

  /** Media begins to flow: tell its clock at once, or lips and voice part for a second. */
  static void hurry(Transport transport, long nowNs) {
    transport.nextReportNs = Math.min(transport.nextReportNs, nowNs + SOON_NS);
  }

  /** Sends the transport's reports if they are due. */
  void run(Transport transport, long nowNs) {
    if (nowNs < transport.nextReportNs) {
      return;
    }
    // Spread, so that the reports of many transports do not fall together (RFC 3550 §6.2).
    transport.nextReportNs = nowNs + INTERVAL_NS / 2 + random.nextLong(INTERVAL_NS);
    if (transport.cipher() == null) {
      return;
    }
    sendReceiverReports(transport, nowNs);
    sendSenderReports(transport, nowNs);
    echoTime(transport, nowNs);
  }

  private void sendReceiverReports(Transport transport, long nowNs) {
    int blocks = 0;
    int length = 0;
    for (int s = 0; s < transport.sources.size(); s++) {
      for (SourceStream stream : transport.sources.get(s).streams) {
        if (stream == null || stream.ssrc == 0 || !stream.statistics.hasReceived()) {
          continue;
        }
        if (blocks == 0) {
          if (!rtcp.begin(transport)) {
            return;
          }
          length = RtcpWriter.receiverReport(rtcp.memory(), rtcp.at(), transport.localSsrc);
        }
        length =
            stream.statistics.appendReportBlock(
                rtcp.memory(), rtcp.at(), length, stream.ssrc, nowNs);
        if (++blocks == RtcpWriter.MAX_REPORT_BLOCKS) {
          rtcp.wrote(length);
          rtcp.end();
          blocks = 0;
        }
      }
    }
    if (blocks > 0) {
      rtcp.wrote(length);
      tellTime(transport, nowNs);
      rtcp.end();
    }
  }

  /** Without media of ours towards it, a publisher's round trip shows in nothing else. */
  private void tellTime(Transport transport, long nowNs) {
    if (!transport.link && rtcp.room() >= RtcpWriter.REFERENCE_TIME_LENGTH) {
      long ntp = NtpTime.ofEpochNs(wallClockOffsetNs + nowNs);
      rtcp.wrote(RtcpWriter.referenceTime(rtcp.memory(), rtcp.at(), transport.localSsrc, ntp));
      transport.references.told(ntp, nowNs);
    }
  }

  /** Gives a receiver its time back that it wants to measure its round trip with. */
  private void echoTime(Transport transport, long nowNs) {
    ReferenceTimes times = transport.references;
    if (times.waiting() && rtcp.begin(transport)) {
      rtcp.wrote(RtcpWriter.receiverReport(rtcp.memory(), rtcp.at(), transport.localSsrc));
      rtcp.wrote(
          RtcpWriter.delaySinceReference(
              rtcp.memory(),
              rtcp.at(),
              transport.localSsrc,
              times.heardFrom(),
              times.heardId(),
              times.delay(nowNs)));
      rtcp.end();
      times.echoed();
    }
  }

  private void sendSenderReports(Transport transport, long nowNs) {
    boolean open = false;
    for (int i = 0; i < transport.subscriptions.size(); i++) {
      Transport.OpenSubscription entry = transport.subscriptions.get(i);
      Subscription subscription = entry.subscription();
      Layer layer = subscription.layer();
      if (layer == null || subscription.packetsSent() == 0 || !subscription.steady()) {
        continue;
      }
      if (!clockKnown(layer, nowNs)) {
        continue;
      }
      int need = RtcpWriter.SENDER_REPORT_LENGTH + RtcpWriter.cnameLength(entry.cname().length);
      if (open && rtcp.room() < need) {
        rtcp.end();
        open = false;
      }
      if (!open) {
        open = rtcp.begin(transport);
        if (!open) {
          return;
        }
      }
      write(entry, layer, nowNs);
    }
    if (open) {
      rtcp.end();
    }
  }

  private boolean clockKnown(Layer layer, long nowNs) {
    SenderClock clock = layer.senderClock();
    if (!clock.known() && nowNs - layer.firstArrivalNs() > PATIENCE_NS) {
      long newest = layer.newestArrivalNs();
      clock.assume(wallClockOffsetNs + newest, layer.newestTimestamp(), newest);
    }
    return clock.known();
  }

  private void write(Transport.OpenSubscription entry, Layer layer, long nowNs) {
    Subscription subscription = entry.subscription();
    SenderClock clock = layer.senderClock();
    long ntp = clock.ntpAt(nowNs);
    int rtp = clock.rtpAt(nowNs, layer.track().codec().clockRateHz());
    rtcp.wrote(
        RtcpWriter.senderReport(
            rtcp.memory(),
            rtcp.at(),
            subscription.ssrc(),
            ntp,
            subscription.outgoingTimestamp(rtp),
            (int) subscription.packetsSent(),
            (int) subscription.payloadBytesSent()));
    rtcp.wrote(RtcpWriter.cname(rtcp.memory(), rtcp.at(), subscription.ssrc(), entry.cname()));
    subscription.onSenderReportSent(NtpTime.compact(ntp), nowNs);
  }

  /** Tells the far end that a subscription's SSRC ended. */
  void sendBye(Transport transport, Subscription subscription) {
    if (subscription.packetsSent() > 0 && rtcp.begin(transport)) {
      rtcp.wrote(RtcpWriter.receiverReport(rtcp.memory(), rtcp.at(), transport.localSsrc));
      rtcp.wrote(RtcpWriter.bye(rtcp.memory(), rtcp.at(), subscription.ssrc()));
      rtcp.end();
    }
  }

  /** Sends the arrival feedback that is due. @return when more will be */
  long sendFeedback(Transport transport, TwccArrivals twcc, long nowNs) {
    // A burst may need more than one datagram; never more than what can have arrived.
    for (int i = 0; i < 8 && twcc.isDue(nowNs); i++) {
      if (!writeFeedback(transport, twcc, nowNs)) {
        break;
      }
    }
    return twcc.nextFeedbackNs();
  }

  private boolean writeFeedback(Transport transport, TwccArrivals twcc, long nowNs) {
    if (!rtcp.begin(transport)) {
      return false;
    }
    int written =
        twcc.writeFeedback(
            rtcp.memory(),
            rtcp.at(),
            rtcp.room(),
            transport.localSsrc,
            transport.twccMediaSsrc,
            nowNs);
    rtcp.wrote(written);
    rtcp.end();
    if (written > 0) {
      counters.add(ShardCounter.FEEDBACK_OUT, 1);
    }
    return written > 0;
  }
}
