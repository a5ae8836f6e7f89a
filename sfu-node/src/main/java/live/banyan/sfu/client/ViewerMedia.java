package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import live.banyan.sfu.congestion.ReceptionStatistics;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.media.NackGenerator;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.Rtx;
import org.jspecify.annotations.Nullable;

/** A viewer's end of the media: receives, reports, asks again, judges. */
final class ViewerMedia implements ClientMedia {
  private static final long REPORT_NS = 1_000_000_000L;
  private static final long TICK_NS = 10_000_000L;

  /** Between two requests for a keyframe, so that a keyframe under way is not asked for again. */
  private static final long KEYFRAME_NS = 500_000_000L;

  /** A viewer that only counts opens one packet of so many, to see that they are real. */
  private static final int OPENED_OF = 32;

  private static final int NACK_MAX = 64;
  private static final int RTCP_BYTES_MAX = 1_200;
  private static final byte[] CNAME = "banyan-client".getBytes(StandardCharsets.US_ASCII);

  private final @Nullable TrackReceiver audio;
  private final @Nullable TrackReceiver video;
  private final int ssrc;
  private final @Nullable TwccArrivals twcc;
  private final int twccId;
  private final long[] wanted = new long[NACK_MAX];
  private final Reports reports = new Reports();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CompletableFuture<Boolean> keyed = new CompletableFuture<>();
  private final boolean assemble;
  private @Nullable ClientTransport transport;
  private int sealedInARow;
  private long nextReportNs;
  private long nextTickNs;
  private long keyframeAskedNs;
  private boolean keyframeAsked;
  private long nacksSent;
  private long keyframesAsked;
  private long repaired;

  ViewerMedia(RemoteAnswer answer, int ssrc, boolean assemble, FrameListener listener) {
    this.assemble = assemble;
    this.audio =
        answer.audio() == null ? null : new TrackReceiver(answer.audio(), assemble, listener);
    this.video =
        answer.video() == null ? null : new TrackReceiver(answer.video(), assemble, listener);
    this.ssrc = ssrc;
    this.twccId = transportSequenceId(answer);
    this.twcc = twccId == 0 ? null : new TwccArrivals();
  }

  /** One id for all sections of a bundle (RFC 8285 §6). */
  private static int transportSequenceId(RemoteAnswer answer) {
    RemoteAnswer.Track any = answer.video() != null ? answer.video() : answer.audio();
    return any == null ? 0 : any.extensions().id(ExtensionKind.TRANSPORT_SEQUENCE);
  }

  @Nullable TrackReceiver audio() {
    return audio;
  }

  @Nullable TrackReceiver video() {
    return video;
  }

  /** Completes with true when media can flow, with false when it never will. */
  CompletableFuture<Boolean> keyed() {
    return keyed;
  }

  /** Completes with a sentence when the transport has ended. */
  CompletableFuture<String> ended() {
    return ended;
  }

  @Override
  public void onConnected(ClientTransport connected, long nowNs) {
    transport = connected;
    keyed.complete(true);
    nextReportNs = nowNs; // the first report tells the node that keys are there
    nextTickNs = nowNs;
  }

  @Override
  public boolean wantsPayload(MemorySegment packet, long offset) {
    if (assemble || ++sealedInARow == OPENED_OF) {
      sealedInARow = 0;
      return true;
    }
    int payloadType = RtpHeader.payloadType(packet, offset);
    TrackReceiver track = track(payloadType);
    return track != null && track.answer().rtx().containsKey(payloadType);
  }

  @Override
  public void onRtp(MemorySegment packet, long offset, int length, int headerLength, long nowNs) {
    if (twcc != null) {
      int sequence =
          ExtensionValues.transportSequence(packet, RtpExtensions.find(packet, offset, twccId));
      if (sequence >= 0) {
        twcc.record(sequence, nowNs);
      }
    }
    int payloadType = RtpHeader.payloadType(packet, offset);
    TrackReceiver track = track(payloadType);
    if (track == null) {
      return;
    }
    Integer primary = track.answer().rtx().get(payloadType);
    if (primary == null) {
      track.packet(packet, offset, length, headerLength, false, nowNs);
      return;
    }
    int payloadLength = RtpHeader.payloadLength(packet, offset, length, headerLength);
    if (payloadLength >= Rtx.OSN_LENGTH && track.bound()) {
      Rtx.restore(packet, offset, headerLength, primary, track.ssrc());
      repaired++;
      track.packet(
          packet, offset + Rtx.OSN_LENGTH, length - Rtx.OSN_LENGTH, headerLength, true, nowNs);
    }
  }

  private @Nullable TrackReceiver track(int payloadType) {
    if (accepts(video, payloadType)) {
      return video;
    }
    return accepts(audio, payloadType) ? audio : null;
  }

  private static boolean accepts(@Nullable TrackReceiver track, int payloadType) {
    return track != null
        && (track.answer().codecs().containsKey(payloadType)
            || track.answer().rtx().containsKey(payloadType));
  }

  @Override
  public void onRtcp(MemorySegment packet, long offset, int length, long nowNs) {
    reports.nowNs = nowNs;
    RtcpCompound.walk(packet, offset, length, reports);
  }

  @Override
  public void poll(long nowNs) {
    ClientTransport to = transport;
    if (to == null || nowNs - nextTickNs < 0) {
      return;
    }
    nextTickNs = nowNs + TICK_NS;
    if (audio != null) {
      audio.poll(nowNs);
    }
    if (video != null) {
      video.poll(nowNs);
      askAgain(video, to, nowNs);
      askForKeyframe(video, to, nowNs);
    }
    if (twcc != null && twcc.isDue(nowNs)) {
      sendTransportFeedback(twcc, to, nowNs);
    }
    if (nowNs - nextReportNs >= 0) {
      nextReportNs = nowNs + REPORT_NS;
      long slot = to.claim();
      to.sendRtcp(slot, writeReport(to.memory(), slot, nowNs));
    }
  }

  @Override
  public long nextDeadlineNs() {
    return nextTickNs;
  }

  private int writeReport(MemorySegment memory, long slot, long nowNs) {
    int length = RtcpWriter.receiverReport(memory, slot, ssrc);
    length = appendBlock(audio, memory, slot, length, nowNs);
    length = appendBlock(video, memory, slot, length, nowNs);
    return length + RtcpWriter.cname(memory, slot + length, ssrc, CNAME);
  }

  private static int appendBlock(
      @Nullable TrackReceiver track, MemorySegment memory, long slot, int length, long nowNs) {
    ReceptionStatistics statistics = track == null ? null : track.statistics();
    return track == null || statistics == null || !statistics.hasReceived()
        ? length
        : statistics.appendReportBlock(memory, slot, length, track.ssrc(), nowNs);
  }

  private void askAgain(TrackReceiver track, ClientTransport to, long nowNs) {
    NackGenerator nack = track.nack();
    if (nack.size() == 0 || track.answer().rtx().isEmpty()) {
      return;
    }
    int count = nack.collect(track.highest(), nowNs, wanted);
    if (count == 0) {
      return;
    }
    long slot = to.claim();
    int length = RtcpWriter.receiverReport(to.memory(), slot, ssrc);
    length += RtcpWriter.nack(to.memory(), slot + length, ssrc, track.ssrc(), wanted, 0, count);
    to.sendRtcp(slot, length);
    nacksSent += count;
  }

  /** When frames cannot be decoded, and when none has come that a decoder could begin with. */
  private void askForKeyframe(TrackReceiver track, ClientTransport to, long nowNs) {
    boolean waiting =
        track.sawMedia() && !track.sawKeyframe() && nowNs - track.firstMediaNs() >= KEYFRAME_NS;
    boolean again = !keyframeAsked || nowNs - keyframeAskedNs >= KEYFRAME_NS;
    if (!again || !(waiting || track.takeDamaged())) {
      return;
    }
    keyframeAsked = true;
    keyframeAskedNs = nowNs;
    keyframesAsked++;
    long slot = to.claim();
    int length = RtcpWriter.receiverReport(to.memory(), slot, ssrc);
    length += RtcpWriter.pictureLoss(to.memory(), slot + length, ssrc, track.ssrc());
    to.sendRtcp(slot, length);
  }

  private void sendTransportFeedback(TwccArrivals arrivals, ClientTransport to, long nowNs) {
    TrackReceiver any = video != null ? video : audio;
    int mediaSsrc = any == null ? 0 : any.ssrc();
    while (true) {
      long slot = to.claim();
      int length =
          arrivals.writeFeedback(to.memory(), slot, RTCP_BYTES_MAX, ssrc, mediaSsrc, nowNs);
      if (length == 0) {
        return;
      }
      to.sendRtcp(slot, length);
    }
  }

  @Override
  public void onEnded(String sentence) {
    keyed.complete(false);
    ended.complete(sentence);
  }

  /** Packets asked for again. */
  long nacksSent() {
    return nacksSent;
  }

  /** Keyframes asked for. */
  long keyframesAsked() {
    return keyframesAsked;
  }

  /** Packets that came as RTX. */
  long repaired() {
    return repaired;
  }

  private final class Reports implements RtcpVisitor {
    long nowNs;

    @Override
    public void senderReport(int sender, long ntp, int rtpTimestamp, int packets, int octets) {
      note(audio, sender, ntp);
      note(video, sender, ntp);
    }

    private void note(@Nullable TrackReceiver track, int sender, long ntp) {
      ReceptionStatistics statistics = track == null ? null : track.statistics();
      if (track != null && statistics != null && track.ssrc() == sender) {
        statistics.senderReport(ntp, nowNs);
      }
    }
  }
}
