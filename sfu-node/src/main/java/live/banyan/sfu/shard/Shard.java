package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketSink;
import live.banyan.sfu.rtp.RtpHeader;
import org.jspecify.annotations.Nullable;

/**
 * One core's world of transports, tracks and subscriptions. Its driver hands in each datagram of a
 * receive batch, then calls {@link #onBatchEnd}, executes waiting commands, and calls {@link
 * #onTimer} once {@link #nextDeadlineNs} has passed; all on one thread, which is also the one that
 * closes it. {@code nowNs} is any clock that never goes back. Media is sent in {@link #onBatchEnd}
 * and {@link #onTimer}, which flush the sink.
 */
public final class Shard implements AutoCloseable {
  private final ShardCounters counters;
  private final Neighbours neighbours;
  private final PacketSink sink;
  private final Forwarder forwarder;
  private final Connectivity connectivity;
  private final Repairs repairs;
  private final Reports reports;
  private final Feedback feedback;
  private final Ingress ingress;
  private final Registry registry;
  private final Trials trials;
  private final Upkeep upkeep;
  private long forwardedNowNs;

  /**
   * Builds an empty shard.
   *
   * @param events told on the shard's thread; must not block, nor call the shard
   * @param random chooses SSRCs, first sequence numbers and timestamps, and spreads timers
   */
  public Shard(
      PacketSink sink,
      Consumer<ShardEvent> events,
      RandomGenerator random,
      ShardCounters counters,
      ShardConfig config) {
    this.counters = counters;
    this.sink = sink;
    neighbours = new Neighbours(counters);
    forwarder = new Forwarder(sink, subscription -> onFlowing(subscription, events));
    RtcpSender rtcp = new RtcpSender(sink, counters);
    connectivity = new Connectivity(sink, neighbours, counters, events);
    repairs = new Repairs(rtcp, neighbours, counters);
    reports = new Reports(rtcp, counters, random, config.wallClockOffsetNs());
    trials = new Trials(forwarder);
    Allocation allocation = new Allocation(forwarder, trials, counters);
    feedback = new Feedback(counters, forwarder, neighbours, allocation, events);
    EarlyPackets early = new EarlyPackets(counters);
    ingress = new Ingress(counters, forwarder, repairs, neighbours, early, events);
    registry =
        new Registry(
            counters,
            forwarder,
            connectivity,
            ingress,
            repairs,
            neighbours,
            reports,
            random,
            config);
    UplinkEstimates estimates = new UplinkEstimates(rtcp, counters);
    upkeep = new Upkeep(registry, reports, estimates, early, allocation, counters, events, config);
  }

  private void onFlowing(Subscription subscription, Consumer<ShardEvent> events) {
    if (subscription.outlet() instanceof Transport transport) {
      Reports.hurry(transport, forwardedNowNs);
      upkeep.hurry(forwardedNowNs);
    }
    events.accept(new ShardEvent.SubscriptionFlowing(subscription.id()));
  }

  /**
   * Takes in one datagram; decrypts it where it lies.
   *
   * @param addressHigh upper half of the sender's IPv6 or IPv4-mapped address
   * @param addressLow lower half
   */
  public void onDatagram(
      MemorySegment memory,
      long offset,
      int length,
      long addressHigh,
      long addressLow,
      int port,
      long nowNs) {
    counters.add(ShardCounter.DATAGRAMS_IN, 1);
    if (length <= 0) {
      counters.drop(DropReason.EMPTY);
      return;
    }
    // RFC 7983 §7 tells protocols apart by the first byte.
    int first = NetworkOrder.u8(memory, offset);
    Transport transport = connectivity.addresses().get(addressHigh, addressLow, port);
    boolean checks = first <= 3;
    if (transport == null
        && !checks
        && neighbours.handOver(memory, offset, length, addressHigh, addressLow, port)) {
      return;
    }
    if (first >= 128 && first <= 191) {
      onMedia(transport, memory, offset, length, nowNs);
    } else if (checks) {
      connectivity.onStun(transport, memory, offset, length, addressHigh, addressLow, port, nowNs);
    } else if (first >= 20 && first <= 63) {
      if (transport == null) {
        counters.drop(DropReason.UNKNOWN_PEER);
      } else {
        connectivity.onDtls(transport, memory, offset, length);
      }
    } else {
      counters.drop(DropReason.UNKNOWN_PROTOCOL);
    }
  }

  private void onMedia(
      @Nullable Transport transport, MemorySegment memory, long offset, int length, long nowNs) {
    if (transport == null) {
      counters.drop(DropReason.UNKNOWN_PEER);
    } else if (RtpHeader.isRtcp(memory, offset, length)) {
      feedback.onRtcp(transport, memory, offset, length, nowNs);
    } else {
      ingress.onRtp(transport, memory, offset, length, nowNs);
    }
  }

  /**
   * Introduces the other shards of the node, before anything else is asked of this one.
   *
   * @param others by index; null at this shard's own
   */
  public void introduce(@Nullable Neighbour[] others) {
    neighbours.introduce(others);
  }

  /** Takes in what another shard left for this one; like datagrams, before {@link #onBatchEnd}. */
  public void onNeighbour(
      int from,
      int kind,
      long first,
      long second,
      int third,
      MemorySegment memory,
      long offset,
      int length,
      long nowNs) {
    switch (kind) {
      case Neighbours.DATAGRAM -> {
        neighbours.handling(from);
        try {
          onDatagram(memory, offset, length, first, second, third, nowNs);
        } finally {
          neighbours.handling(Neighbours.NOT_KNOWN);
        }
      }
      case Neighbours.CLAIM -> connectivity.claimed(from, first, second, third);
      default -> {
        Feed feed = registry.feeds().find(first);
        if (feed != null) {
          onPublication(from, kind, feed, second, third, memory, offset, length, nowNs);
        }
      }
    }
  }

  private void onPublication(
      int from,
      int kind,
      Feed feed,
      long second,
      int third,
      MemorySegment memory,
      long offset,
      int length,
      long nowNs) {
    switch (kind) {
      case Neighbours.PACKET -> {
        if (feed.track.subscriptionCount() == 0) {
          neighbours.tellUnwanted(from, feed.track.id());
        } else if (third < feed.track.layerCount()) {
          ingress.onShared(feed.track.layer(third), memory, offset, length, second);
        }
      }
      case Neighbours.CLOCK -> {
        int layer = NetworkOrder.u8(memory, offset);
        if (layer < feed.track.layerCount()) {
          feed.track.layer(layer).senderClock().onSenderReport(second, third, nowNs);
        }
      }
      case Neighbours.KEYFRAME -> {
        if (!feed.sources.isEmpty() && third < feed.track.layerCount()) {
          feed.track.layer(third).keyframes().request();
        }
      }
      case Neighbours.WANT -> neighbours.wanted(from, feed, third != 0, (int) second, nowNs);
      case Neighbours.OPENED -> {
        if (feed.track.subscriptionCount() > 0) {
          neighbours.tellWanted(feed);
        }
      }
      default -> throw new IllegalArgumentException("a record of kind " + kind);
    }
  }

  /** Forwards what the batch brought, asks for what it lacked, and flushes the sink. */
  public void onBatchEnd(long nowNs) {
    forwardedNowNs = nowNs;
    forwarder.serve(nowNs);
    repairs.run(nowNs);
    upkeep.feedback(nowNs);
    registry.transports().answerQuestions();
    publish();
    sink.flush();
  }

  /** Carries out one command. A refusal is counted: between deciding and executing, things end. */
  public void execute(ShardCommand command, long nowNs) {
    registry.execute(command, nowNs);
    if (command instanceof ShardCommand.NeedLayer
        || command instanceof ShardCommand.LimitLayer
        || command instanceof ShardCommand.OpenSubscription
        || command instanceof ShardCommand.MoveSubscription
        || command instanceof ShardCommand.AddSource) {
      upkeep.hurry(nowNs); // somebody may need another layer
    }
  }

  /** Does what time alone makes due; harmless when called early or late. */
  public void onTimer(long nowNs) {
    upkeep.run(nowNs);
    trials.run(nowNs);
    onBatchEnd(nowNs);
  }

  /** When {@link #onTimer} is wanted next; Long.MAX_VALUE: not before a datagram or a command. */
  public long nextDeadlineNs() {
    long deadline = Math.min(repairs.deadlineNs(), upkeep.deadlineNs());
    return Math.min(Math.min(deadline, trials.deadlineNs()), forwarder.deadlineNs());
  }

  /**
   * How long what comes may lie in the socket, so that reports of many viewers are taken together;
   * 0 where nothing is won by that, or the rest of a frame is on its way.
   */
  public long restNs(long nowNs) {
    return forwarder.restNs(nowNs);
  }

  private void publish() {
    counters.set(ShardCounter.RTP_PACKETS_OUT, forwarder.packetsOut());
    counters.set(ShardCounter.RTP_BYTES_OUT, forwarder.bytesOut());
    counters.set(ShardCounter.RTX_OUT, forwarder.rtxOut());
    counters.set(ShardCounter.KEPT_SHORT, registry.feeds().shortfalls());
    counters.set(ShardCounter.RESENT_OUT, forwarder.resentOut());
    counters.set(ShardCounter.PROBE_PACKETS_OUT, forwarder.probesOut());
  }

  /**
   * The newest packet of a layer that arrived here, for a relay to go on from: give {@code +1} of
   * it to {@link ShardCommand.OpenRelay}. On the shard's thread.
   *
   * @return extended sequence number; -1 where nothing came, or the track is gone
   */
  public long position(long trackId, int layer) {
    return registry.feeds().position(trackId, layer);
  }

  /** Statistics of one subscription, or null where there is none; on the shard's thread. */
  public @Nullable SubscriptionStats stats(long subscriptionId) {
    return registry.subscriptions().stats(subscriptionId);
  }

  /** Ends everything and frees native memory; on the shard's thread. */
  @Override
  public void close() {
    registry.close();
    sink.flush();
  }
}
