package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;

/** A publisher on a simulated network: 30 frames a second, RTX on NACK, a keyframe on PLI. */
final class PublisherParty implements RtcpVisitor {
  private static final long FRAME_NS = 33_333_333L;
  private static final long STOPPED = Long.MAX_VALUE;

  final MediaPlan plan;
  final int party;
  final Publisher source;
  private final int shard;
  private long nextFrameNs;
  private boolean keyframeDue = true;
  int frames;
  int keyframes;
  int repeats;
  int asked;

  PublisherParty(MediaPlan plan, int party, int shard, Publisher source) {
    this.plan = plan;
    this.party = party;
    this.shard = shard;
    this.source = source;
    nextFrameNs = plan.nowNs;
  }

  void stop() {
    nextFrameNs = STOPPED;
  }

  void tick(long nowNs) {
    if (nowNs < nextFrameNs) {
      return;
    }
    nextFrameNs += FRAME_NS;
    for (byte[] packet : source.frame(keyframeDue)) {
      plan.send(party, shard, packet);
    }
    keyframes += keyframeDue ? 1 : 0;
    keyframeDue = false;
    frames++;
  }

  void receive(byte[] datagram) {
    if (RtpPackets.isRtcp(datagram)) {
      MemorySegment segment = MemorySegment.ofArray(datagram);
      RtcpCompound.walk(segment, 0, datagram.length, this);
    }
  }

  @Override
  public void nack(int sender, int media, int sequence) {
    asked++;
    repeats++;
    plan.send(party, shard, source.repeat(sequence, 97));
  }

  @Override
  public void pictureLoss(int sender, int media) {
    keyframeDue = true;
  }
}
