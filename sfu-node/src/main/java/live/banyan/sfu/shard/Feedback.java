package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import live.banyan.sfu.congestion.BandwidthEstimator;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtp.NtpTime;
import org.jspecify.annotations.Nullable;

/** What the far ends report and ask for by RTCP. One instance per shard; not thread safe. */
final class Feedback implements RtcpVisitor {
  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Neighbours neighbours;
  private final Allocation allocation;
  private final Consumer<ShardEvent> events;
  private @Nullable Transport transport;
  private long nowNs;

  Feedback(
      ShardCounters counters,
      Forwarder forwarder,
      Neighbours neighbours,
      Allocation allocation,
      Consumer<ShardEvent> events) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.neighbours = neighbours;
    this.allocation = allocation;
    this.events = events;
  }

  void onRtcp(Transport from, MemorySegment memory, long offset, int length, long atNs) {
    PacketCipher cipher = from.incomingCipher();
    if (cipher == null) {
      counters.drop(DropReason.SRTP_NO_KEYS);
      return;
    }
    int clear = cipher.unprotectRtcp(memory, offset, length);
    if (clear < 0) {
      counters.drop(
          clear == PacketCipher.MALFORMED ? DropReason.RTCP_MALFORMED : Ingress.refusal(clear));
      return;
    }
    from.lastAuthenticatedNs = atNs;
    counters.add(ShardCounter.RTCP_PACKETS_IN, 1);
    transport = from;
    nowNs = atNs;
    if (RtcpCompound.walk(memory, offset, clear, this) < 0) {
      counters.drop(DropReason.RTCP_MALFORMED);
    }
    transport = null;
  }

  private @Nullable Subscription subscription(int ssrc) {
    Subscription found = transport == null ? null : transport.outgoing.get(ssrc);
    return found != null && found.ssrc() == ssrc ? found : null;
  }

  private @Nullable SourceStream stream(int ssrc) {
    SourceStream found = transport == null ? null : transport.streams.get(ssrc);
    return found != null && found.ssrc == ssrc ? found : null;
  }

  @Override
  public void senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
    SourceStream stream = stream(ssrc);
    if (stream != null) {
      stream.statistics.senderReport(ntp, nowNs);
      stream.layer.senderClock().onSenderReport(ntp, rtpTimestamp, nowNs);
      neighbours.shareClock(stream.source.feed, stream.layer, ntp, rtpTimestamp);
    }
  }

  @Override
  public void reportBlock(
      int reporter,
      int source,
      int fractionLost,
      int cumulativeLost,
      long highestSequence,
      long jitter,
      int lastSenderReport,
      int delaySinceLast) {
    Subscription subscription = subscription(source);
    if (subscription != null) {
      long delayNs = NtpTime.compactToNs(delaySinceLast);
      subscription.onReport(fractionLost, lastSenderReport, delayNs, nowNs);
    }
  }

  @Override
  public void referenceTime(int sender, long ntp) {
    if (transport != null) {
      transport.references.heard(sender, ntp, nowNs);
    }
  }

  @Override
  public void delaySinceReference(int sender, int receiver, int reference, int delay) {
    if (transport != null && receiver == transport.localSsrc) {
      transport.references.onEcho(transport, reference, delay, nowNs);
    }
  }

  @Override
  public void nack(int sender, int media, int sequence) {
    counters.add(ShardCounter.NACKED_IN, 1);
    Subscription subscription = subscription(media);
    if (subscription != null) {
      forwarder.resend(subscription, sequence, nowNs);
    }
  }

  @Override
  public void pictureLoss(int sender, int media) {
    counters.add(ShardCounter.PLI_IN, 1);
    Subscription subscription = subscription(media);
    if (subscription != null) {
      subscription.requestKeyframe();
    }
  }

  @Override
  public void fullIntraRequest(int sender, int media, int commandNumber) {
    pictureLoss(sender, media);
  }

  @Override
  public void transportFeedback(
      int sender, int media, MemorySegment segment, long offset, int length) {
    Transport from = transport;
    CongestionControl congestion = from == null ? null : from.congestion();
    if (from != null && congestion != null) {
      counters.add(ShardCounter.ARRIVAL_FEEDBACK_IN, 1);
      congestion.onFeedback(segment, offset, length, nowNs);
      allocation.onFeedback(from, nowNs);
    }
  }

  @Override
  public void congestionFeedback(int sender, MemorySegment segment, long offset, int length) {
    Transport from = transport;
    CongestionControl congestion = from == null ? null : from.congestion();
    if (from != null && congestion != null && congestion.expectsStreams()) {
      counters.add(ShardCounter.ARRIVAL_FEEDBACK_IN, 1);
      congestion.onStreamFeedback(segment, offset, length, nowNs);
      allocation.onFeedback(from, nowNs);
    }
  }

  @Override
  public void receiverEstimatedBitrate(
      int sender, long bitrateBps, MemorySegment segment, long ssrcsOffset, int ssrcCount) {
    Transport from = transport;
    if (from == null || from.link || from.subscriptions.isEmpty()) {
      return;
    }
    // Who reports no arrivals is believed as far as it says anything.
    from.estimate(BandwidthEstimator.MAX_BPS).onReceiverEstimate(bitrateBps, nowNs);
    allocation.onFeedback(from, nowNs);
  }

  @Override
  public void bye(int ssrc) {
    SourceStream stream = stream(ssrc);
    if (stream != null && !stream.source.byeTold) {
      stream.source.byeTold = true;
      events.accept(
          new ShardEvent.SourceBye(stream.layer.track().id(), stream.source.transport.id));
    }
  }
}
