package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;

/** What a session does with its transport. All calls come on the host's thread. */
interface ClientMedia {
  /** Keys are there: media may flow. */
  void onConnected(ClientTransport transport, long nowNs);

  /**
   * Whether a packet's payload is wanted. Of one that is not, {@link #onRtp} gets the header alone,
   * which SRTP leaves in clear, unauthenticated: for load that costs its receiver little.
   */
  default boolean wantsPayload(MemorySegment packet, long offset) {
    return true;
  }

  /** An RTP packet, unprotected and with a valid header. */
  void onRtp(MemorySegment packet, long offset, int length, int headerLength, long nowNs);

  /** An RTCP compound, unprotected, not yet validated. */
  void onRtcp(MemorySegment packet, long offset, int length, long nowNs);

  /** Does what is due; called only while connected. */
  void poll(long nowNs);

  /** When {@link #poll} has something to do next, Long.MAX_VALUE for never. */
  long nextDeadlineNs();

  /** The transport ended, by itself or from this end; the last call. */
  void onEnded(String sentence);
}
