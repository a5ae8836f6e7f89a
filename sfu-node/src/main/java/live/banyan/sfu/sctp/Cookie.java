package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an INIT said, handed to the peer and taken back (RFC 9260 §5.1.3). The peer has been
 * authenticated by DTLS and can only deceive itself, so that a secret number takes the signature's
 * place.
 *
 * @param secret of this association
 */
record Cookie(
    long secret,
    int peerTag,
    int peerTsn,
    int peerWindow,
    int outStreams,
    int inStreams,
    boolean forwardTsn,
    boolean reconfig) {
  private static final int BYTES = 8 + 4 + 4 + 4 + 2 + 2 + 1;

  static Cookie of(Chunk.Init init, long secret) {
    return new Cookie(
        secret,
        init.tag(),
        init.initialTsn(),
        init.window(),
        init.outStreams(),
        init.inStreams(),
        init.forwardTsn(),
        init.reconfig());
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .putLong(secret)
        .putInt(peerTag)
        .putInt(peerTsn)
        .putInt(peerWindow)
        .putShort((short) outStreams)
        .putShort((short) inStreams)
        .put((byte) ((forwardTsn ? 1 : 0) | (reconfig ? 2 : 0)))
        .array();
  }

  /**
   * @return null when it is none of this association's
   */
  static @Nullable Cookie decode(byte[] bytes, long secret) {
    if (bytes.length != BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getLong() != secret) {
      return null;
    }
    int tag = in.getInt();
    int tsn = in.getInt();
    int window = in.getInt();
    int outStreams = in.getShort() & 0xffff;
    int inStreams = in.getShort() & 0xffff;
    byte flags = in.get();
    return new Cookie(
        secret, tag, tsn, window, outStreams, inStreams, (flags & 1) != 0, (flags & 2) != 0);
  }
}
