package live.banyan.sfu.relay;

import org.jspecify.annotations.Nullable;

/**
 * Heartbeat of one link: when to send the next PING, round trip, loss, and when silence means that
 * the peer is gone. Pure; not thread safe.
 *
 * <p>A link counts as active while either end says that it carries relays. The PING that says so
 * makes the other end ping at the same pace, so each hears from the other every 50 ms.
 */
final class LinkHealth {
  private static final int LOSS_WINDOW = 64;

  private final LinkSettings settings;
  private boolean carriesRelays;
  private boolean peerCarriesRelays;
  private boolean lingers;
  private long lingerUntilNs;
  private long lastHeardNs;
  private long lastArrivalNs;
  private long nextPingNs;
  private int pingSequence;
  private long rttNs = -1;

  private int highestPing;
  private long receivedPings;
  private int windowFilled;

  LinkHealth(LinkSettings settings, long nowNs) {
    this.settings = settings;
    this.lastHeardNs = nowNs;
    this.lastArrivalNs = nowNs;
    this.nextPingNs = nowNs;
  }

  /** This end starts or stops to carry relays; a PING that says so is due at once. */
  void carriesRelays(boolean carries, long nowNs) {
    if (carries == carriesRelays) {
      return;
    }
    carriesRelays = carries;
    nextPingNs = nowNs;
    if (!carries) {
      lingers = true;
      lingerUntilNs = nowNs + settings.silenceIdleNs();
    }
    // Silence from before the link mattered must not count against the shorter bound.
    lastHeardNs = nowNs;
    lastArrivalNs = nowNs;
  }

  boolean carriesRelays() {
    return carriesRelays;
  }

  boolean active() {
    return carriesRelays || peerCarriesRelays;
  }

  /** A message arrived. */
  void onHeard(long nowNs) {
    lastHeardNs = nowNs;
    lastArrivalNs = nowNs;
  }

  /**
   * A sign of life without a message: an authenticated packet of media, or a datagram that waits to
   * be opened. An active peer is not dead then, though its messages must follow within the bound of
   * an idle link: a busy machine passes a packet on sooner than a message, which changes threads at
   * both ends.
   */
  void onArrival(long atNs) {
    if (atNs - lastArrivalNs > 0) {
      lastArrivalNs = atNs;
    }
  }

  /** Whether a PING is due; the caller then sends {@link #ping}. */
  boolean pingDue(long nowNs) {
    return nowNs - nextPingNs >= 0;
  }

  LinkMessage.Ping ping(long nowNs) {
    nextPingNs = nowNs + (fast(nowNs) ? settings.heartbeatActiveNs() : settings.heartbeatIdleNs());
    return new LinkMessage.Ping(carriesRelays, ++pingSequence, nowNs);
  }

  /**
   * Notes the peer's PING.
   *
   * @return the answer; null for three of four on an active link, where the PINGs that both ends
   *     send prove life enough and the round trip is still measured five times a second
   */
  LinkMessage.@Nullable Pong onPing(LinkMessage.Ping ping, long nowNs) {
    peerState(ping.carriesRelays(), nowNs);
    int ahead = ping.sequence() - highestPing;
    if (windowFilled == 0 || ahead >= LOSS_WINDOW || ahead <= -LOSS_WINDOW) {
      highestPing = ping.sequence();
      receivedPings = 1;
      windowFilled = 1;
    } else if (ahead > 0) {
      highestPing = ping.sequence();
      receivedPings = receivedPings << ahead | 1;
      windowFilled = Math.min(LOSS_WINDOW, windowFilled + ahead);
    } else {
      receivedPings |= 1L << -ahead;
      windowFilled = Math.max(windowFilled, 1 - ahead);
    }
    boolean answers = !active() || (ping.sequence() & 3) == 1;
    return answers ? new LinkMessage.Pong(carriesRelays, ping.sequence(), ping.clock()) : null;
  }

  /** Takes the round trip from an answer; one that never was asked for, or is too old, is not. */
  void onPong(LinkMessage.Pong pong, long nowNs) {
    peerState(pong.carriesRelays(), nowNs);
    long sample = nowNs - pong.clock();
    int age = pingSequence - pong.sequence();
    if (age < 0 || age >= LOSS_WINDOW || sample < 0 || sample > settings.silenceIdleNs()) {
      return;
    }
    // RFC 6298 §2.3: 1/8 of each new sample.
    rttNs = rttNs < 0 ? sample : rttNs + (sample - rttNs) / 8;
  }

  /** Smoothed round trip in nanoseconds, -1 before the first answer. */
  long rttNs() {
    return rttNs;
  }

  /** Share of the peer's last 64 PINGs that did not arrive, 0 to 1: loss from there to here. */
  double loss() {
    return windowFilled == 0 ? 0 : 1 - (double) Long.bitCount(receivedPings) / windowFilled;
  }

  /** Whether the peer has been silent for longer than this link may be. */
  boolean silent(long nowNs) {
    return nowNs - silentFromNs() >= 0;
  }

  /** Whether even the time of an idle link is over. */
  boolean silentForLong(long nowNs) {
    return nowNs - lastHeardNs >= settings.silenceIdleNs();
  }

  /**
   * This end did not run for {@code stallNs}: what the peer sent then is still unread, so that time
   * is not the peer's silence.
   */
  void forgiveStall(long stallNs, long nowNs) {
    lastHeardNs += Math.min(stallNs, nowNs - lastHeardNs);
    lastArrivalNs += Math.min(stallNs, nowNs - lastArrivalNs);
  }

  /** When {@link #pingDue} or {@link #silent} changes next. */
  long nextDeadlineNs() {
    long silence = silentFromNs();
    return nextPingNs - silence < 0 ? nextPingNs : silence;
  }

  /**
   * An end that no longer carries relays keeps the pace for a while: the other end, until it has
   * heard of it, still counts 300 ms as silence.
   */
  private boolean fast(long nowNs) {
    lingers &= nowNs - lingerUntilNs < 0;
    return active() || lingers;
  }

  private long silentFromNs() {
    long idle = lastHeardNs + settings.silenceIdleNs();
    long active = lastArrivalNs + settings.silenceActiveNs();
    return active() && active - idle < 0 ? active : idle;
  }

  private void peerState(boolean carries, long nowNs) {
    if (carries && !active()) {
      nextPingNs = nowNs;
    }
    peerCarriesRelays = carries;
  }
}
