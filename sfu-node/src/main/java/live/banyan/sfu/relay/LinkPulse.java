package live.banyan.sfu.relay;

import live.banyan.sfu.shard.ShardCommand;

/**
 * The heartbeat of a link that is up, and the verdict on a silent peer. {@link LinkHealth} says
 * what is due; before silence counts, the shard is asked whether a packet waits that nobody has
 * read. Owned by the loop's thread, except where a method says otherwise.
 */
final class LinkPulse {
  private final long transportId;
  private final LinkContext context;
  private final LinkChannel channel;
  private final Runnable fellSilent;
  private final LinkHealth health;

  private volatile long rttNs = -1;
  private volatile double loss;

  /** Nothing was heard for a while; the shard is asked whether that is so. */
  private boolean asksShard;

  /**
   * @param fellSilent called when the peer must be given up; may come again
   */
  LinkPulse(
      long transportId,
      LinkContext context,
      LinkChannel channel,
      Runnable fellSilent,
      boolean carriesRelays,
      long nowNs) {
    this.transportId = transportId;
    this.context = context;
    this.channel = channel;
    this.fellSilent = fellSilent;
    this.health = new LinkHealth(context.settings(), nowNs);
    health.carriesRelays(carriesRelays, nowNs);
  }

  void carriesRelays(boolean carries, long nowNs) {
    health.carriesRelays(carries, nowNs);
  }

  /** A message arrived, whichever. */
  void onHeard(long nowNs) {
    health.onHeard(nowNs);
  }

  void onPing(LinkMessage.Ping ping, long nowNs) {
    LinkMessage.Pong pong = health.onPing(ping, nowNs);
    if (pong != null) {
      channel.send(pong);
    }
    loss = health.loss();
  }

  void onPong(LinkMessage.Pong pong, long nowNs) {
    health.onPong(pong, nowNs);
    rttNs = health.rttNs();
  }

  /** Whether {@link #beat} is wanted at once. */
  boolean due(long nowNs) {
    return health.pingDue(nowNs);
  }

  /**
   * Sends the PING that is due, and judges silence.
   *
   * @param lateNs how much later than asked for this comes
   * @return nanoseconds until something is due again
   */
  long beat(long nowNs, long lateNs) {
    if (lateNs > context.settings().heartbeatActiveNs() / 2) {
      health.forgiveStall(lateNs, nowNs);
    }
    health.onArrival(channel.lastDatagramNs());
    if (health.silentForLong(nowNs)) {
      fellSilent.run();
      return Long.MAX_VALUE;
    }
    if (health.silent(nowNs) && !asksShard) {
      asksShard = true;
      context.commands().accept(new ShardCommand.TellHeard(transportId, this::onLastPacket));
    }
    if (health.pingDue(nowNs)) {
      channel.send(health.ping(nowNs));
    }
    return health.nextDeadlineNs() - nowNs;
  }

  /** The shard has read what had arrived; shard's thread. */
  private void onLastPacket(long atNs) {
    context.loop().control(() -> judge(atNs));
  }

  private void judge(long lastPacketNs) {
    asksShard = false;
    health.onArrival(lastPacketNs);
    health.onArrival(channel.lastDatagramNs());
    if (health.silent(System.nanoTime())) {
      fellSilent.run();
    }
  }

  /** Smoothed round trip, -1 while unmeasured; any thread. */
  long rttNs() {
    return rttNs;
  }

  /** Share of the peer's latest heartbeats that were lost; any thread. */
  double loss() {
    return loss;
  }
}
