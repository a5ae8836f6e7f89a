package live.banyan.sfu.sctp;

import java.util.concurrent.TimeUnit;

/**
 * Bounds and timers of an association.
 *
 * @param packetBytesMax largest packet sent
 * @param messageBytesMax largest message taken from the peer; a larger one ends the association
 * @param receiveBytesMax receive window, fragments' bookkeeping included
 * @param sendBytesMax messages that wait or are not acknowledged yet; more are refused
 * @param streamsMax streams in each direction; identifiers lie below
 * @param rtoMinNs least time to wait for an acknowledgement. Twice what a peer may delay one
 * @param rtoInitialNs the same while the round trip is unmeasured
 * @param rtoMaxNs the most that backing off leads to
 * @param retransmissionsMax timeouts in a row that end the association
 * @param delayedAckNs longest delay of an acknowledgement (RFC 9260 §6.2: at most 500 ms)
 * @param heartbeatNs silence after which the peer is asked for a sign of life
 */
public record SctpConfig(
    int packetBytesMax,
    int messageBytesMax,
    int receiveBytesMax,
    int sendBytesMax,
    int streamsMax,
    long rtoMinNs,
    long rtoInitialNs,
    long rtoMaxNs,
    int retransmissionsMax,
    long delayedAckNs,
    long heartbeatNs) {
  public SctpConfig {
    if (packetBytesMax < 512
        || messageBytesMax < 1
        || receiveBytesMax < messageBytesMax
        || sendBytesMax < 1
        || streamsMax < 1
        || streamsMax > 65_535
        || rtoMinNs < 1
        || rtoInitialNs < rtoMinNs
        || rtoMaxNs < rtoInitialNs
        || retransmissionsMax < 1) {
      throw new IllegalArgumentException("SCTP bounds must be positive and fit together");
    }
  }

  /**
   * For packets inside one DTLS record each: messages to 256 KiB, 512 KiB of window, 1 MiB unsent,
   * 1,024 streams; timers as Chromium has them, but backing off to 10 s only: ICE would long have
   * noticed.
   *
   * @param packetBytesMax largest record
   */
  public static SctpConfig defaults(int packetBytesMax) {
    return new SctpConfig(
        packetBytesMax,
        256 * 1024,
        512 * 1024,
        1024 * 1024,
        1024,
        TimeUnit.MILLISECONDS.toNanos(400),
        TimeUnit.MILLISECONDS.toNanos(500),
        TimeUnit.SECONDS.toNanos(10),
        10,
        TimeUnit.MILLISECONDS.toNanos(200),
        TimeUnit.SECONDS.toNanos(30));
  }

  /** The same for messages that carry so many bytes more, and twice as many of them. */
  public SctpConfig withHeaders(int bytes) {
    return new SctpConfig(
        packetBytesMax,
        messageBytesMax + bytes,
        2 * receiveBytesMax,
        4 * sendBytesMax,
        streamsMax,
        rtoMinNs,
        rtoInitialNs,
        rtoMaxNs,
        retransmissionsMax,
        delayedAckNs,
        heartbeatNs);
  }
}
