package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;

/** Asks a silent peer for a sign of life (RFC 9260 §8.3). */
final class Heartbeat {
  private static final int INFO_PARAMETER = 1;
  private static final int INFO_BYTES = 12;

  private final long periodNs;
  private final long secret;
  private long dueNs = Long.MAX_VALUE;
  private long sentNs = -1;

  Heartbeat(long periodNs, long secret) {
    this.periodNs = periodNs;
    this.secret = secret;
  }

  long dueNs() {
    return dueNs;
  }

  /** Whether the last one has had no answer, nor anything else. */
  boolean unanswered() {
    return sentNs >= 0;
  }

  void onHeard(long nowNs) {
    sentNs = -1;
    dueNs = nowNs + periodNs;
  }

  void stop() {
    dueNs = Long.MAX_VALUE;
  }

  Chunk.Heartbeat beat(long nowNs) {
    sentNs = nowNs;
    dueNs = nowNs + periodNs;
    ByteBuffer info = ByteBuffer.allocate(INFO_BYTES);
    info.putShort((short) INFO_PARAMETER).putShort((short) INFO_BYTES).putLong(nowNs ^ secret);
    return new Chunk.Heartbeat(false, info.array());
  }

  /**
   * @return the round trip in nanoseconds; -1 where this answers none of ours
   */
  long onAnswer(Chunk.Heartbeat answer, long nowNs) {
    ByteBuffer info = ByteBuffer.wrap(answer.info());
    boolean ours =
        sentNs >= 0 && info.remaining() == INFO_BYTES && info.getLong(4) == (sentNs ^ secret);
    return ours ? nowNs - sentNs : -1;
  }
}
