package live.banyan.sfu.relay;

/**
 * Times and bounds of links. All times in nanoseconds.
 *
 * @param heartbeatActiveNs between two PINGs while the link carries relays
 * @param heartbeatIdleNs between two PINGs else
 * @param silenceActiveNs without a packet from the peer, media included, while the link carries
 *     relays, after which it is down. A parent must free a dead child's slot within 500 ms.
 * @param silenceIdleNs without a message from the peer after which any link is down
 * @param handshakeNs from the offer to the confirmed greeting, at most
 * @param greetingNs between two HELLOs until the peer has confirmed
 * @param checkPaceMs ice4j's Ta: time between two connectivity checks; RFC 8445 §14.2 says 5 ms at
 *     least
 * @param linksMax links at once, in any state
 * @param handshakesMax links that are not up yet, of those
 * @param offerBurst offers of one peer that are served at once
 * @param offerRefillNs after which one more offer of that peer is served
 */
public record LinkSettings(
    long heartbeatActiveNs,
    long heartbeatIdleNs,
    long silenceActiveNs,
    long silenceIdleNs,
    long handshakeNs,
    long greetingNs,
    int checkPaceMs,
    int linksMax,
    int handshakesMax,
    int offerBurst,
    long offerRefillNs) {
  private static final long MS = 1_000_000L;

  public LinkSettings {
    require(heartbeatActiveNs > 0 && heartbeatIdleNs >= heartbeatActiveNs, "heartbeats");
    require(silenceActiveNs >= 2 * heartbeatActiveNs, "silence of an active link");
    require(silenceIdleNs >= 2 * heartbeatIdleNs, "silence of an idle link");
    require(handshakeNs > 0 && greetingNs > 0 && checkPaceMs >= 5, "handshake");
    require(linksMax > 0 && handshakesMax > 0 && handshakesMax <= linksMax, "number of links");
    require(offerBurst > 0 && offerRefillNs > 0, "offer rate");
  }

  /** 50 ms and 300 ms while active, 250 ms and 1.5 s idle; 256 links, 64 of them in handshake. */
  public static LinkSettings defaults() {
    return new LinkSettings(
        50 * MS, 250 * MS, 300 * MS, 1500 * MS, 5000 * MS, 40 * MS, 5, 256, 64, 8, 500 * MS);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("link settings out of range: " + what);
    }
  }
}
