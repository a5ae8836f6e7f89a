package live.banyan.sfu.shard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.media.PacketCache;
import live.banyan.sfu.packet.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * Media that comes a moment too soon and would be missed: nobody repeats a publisher's first
 * keyframe, nor the one that a parent replays before its child knows the link's SSRCs.
 *
 * <p>There are two waits: <em>sealed</em> packets wait for the handshake's keys, <em>opened</em>
 * ones of a link for the source that claims their SSRC. Both are bounded in packets per transport,
 * in time, and in bytes over all transports; what is beyond is dropped and counted. Memory is taken
 * by those alone who wait. Not thread safe.
 */
final class EarlyPackets {
  /** Of one transport in one wait: a second of 5 Mbit/s. */
  static final int PACKETS_MAX = 512;

  /** Of all transports together. */
  static final int BYTES_MAX = 4 << 20;

  /** Outlasts the first repetition of a lost handshake flight (RFC 6347 §4.2.4.1). */
  static final long AGE_MAX_NS = 2_000_000_000L;

  /** Takes a packet that waits no longer; the memory is used again after the call. */
  interface Replay {
    void packet(Transport transport, MemorySegment memory, long offset, int length, long arrivalNs);
  }

  private final ShardCounters counters;
  private final List<Transport> waiting = new ArrayList<>();
  private final MemorySegment scratch = Arena.ofAuto().allocate(PacketCache.SLOT_BYTES);
  private int bytes;

  EarlyPackets(ShardCounters counters) {
    this.counters = counters;
  }

  /** Keeps a packet for which there are no keys yet, or drops it. */
  void holdSealed(Transport transport, MemorySegment memory, long offset, int length, long nowNs) {
    // Whoever is on a path that ICE has chosen has passed a check; others may be anybody.
    if (!transport.hasPath()) {
      counters.drop(DropReason.SRTP_NO_KEYS);
      return;
    }
    HeldPackets held = transport.sealed;
    if (held == null) {
      held = new HeldPackets();
      transport.sealed = held;
      watch(transport);
    }
    hold(held, DropReason.SRTP_NO_KEYS, memory, offset, length, 0, nowNs);
  }

  /** Keeps a link's packet whose SSRC nobody has claimed yet, or drops it. */
  void holdOpened(
      Transport link, MemorySegment memory, long offset, int length, int ssrc, long nowNs) {
    if (link.formerSsrcs.contains(ssrc)) {
      counters.drop(DropReason.RTP_UNKNOWN_SSRC);
      return;
    }
    HeldPackets held = link.opened;
    if (held == null) {
      held = new HeldPackets();
      link.opened = held;
      watch(link);
    }
    hold(held, DropReason.RTP_UNKNOWN_SSRC, memory, offset, length, ssrc, nowNs);
  }

  private void watch(Transport transport) {
    if (!waiting.contains(transport)) {
      waiting.add(transport);
    }
  }

  private void hold(
      HeldPackets held,
      DropReason beyond,
      MemorySegment memory,
      long offset,
      int length,
      int ssrc,
      long nowNs) {
    expire(held, beyond, nowNs);
    boolean fits = length <= PacketCache.SLOT_BYTES && bytes + length <= BYTES_MAX;
    if (!fits || held.size() == PACKETS_MAX) {
      counters.drop(beyond);
      return;
    }
    byte[] copy = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, copy, 0, length);
    held.add(new HeldPackets.Held(copy, ssrc, nowNs));
    bytes += length;
  }

  /** Hands on all packets that waited for keys, in the order in which they came. */
  void replaySealed(Transport transport, Replay replay) {
    HeldPackets held = transport.sealed;
    transport.sealed = null;
    while (held != null && held.size() > 0) {
      replay(transport, held.poll(), replay);
    }
  }

  /** Hands on the packets whose SSRC the transport knows by now; the others wait on. */
  void replayOpened(Transport transport, Replay replay) {
    HeldPackets held = transport.opened;
    if (held == null) {
      return;
    }
    for (int i = held.size(); i > 0; i--) {
      HeldPackets.Held packet = held.poll();
      if (packet != null && transport.streams.get(packet.ssrc()) == null) {
        held.add(packet); // a whole round keeps the order
      } else {
        replay(transport, packet, replay);
      }
    }
  }

  private void replay(Transport transport, HeldPackets.@Nullable Held packet, Replay replay) {
    if (packet == null) {
      return;
    }
    int length = packet.bytes().length;
    bytes -= length;
    counters.add(ShardCounter.EARLY_IN, 1);
    MemorySegment.copy(packet.bytes(), 0, scratch, ValueLayout.JAVA_BYTE, 0, length);
    replay.packet(transport, scratch, 0, length, packet.arrivalNs());
  }

  /** Drops what has waited too long, and frees the memory of those who wait no more. */
  void run(long nowNs) {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      Transport transport = waiting.get(i);
      transport.sealed = rest(transport.sealed, DropReason.SRTP_NO_KEYS, nowNs);
      transport.opened = rest(transport.opened, DropReason.RTP_UNKNOWN_SSRC, nowNs);
      if (transport.sealed == null && transport.opened == null) {
        waiting.remove(i);
      }
    }
  }

  private @Nullable HeldPackets rest(@Nullable HeldPackets held, DropReason reason, long nowNs) {
    if (held == null) {
      return null;
    }
    expire(held, reason, nowNs);
    return held.size() == 0 ? null : held;
  }

  private void expire(HeldPackets held, DropReason reason, long nowNs) {
    while (true) {
      HeldPackets.Held old = held.pollBefore(nowNs - AGE_MAX_NS);
      if (old == null) {
        return;
      }
      drop(old, reason);
    }
  }

  /** Drops everything of a transport that ends. */
  void forget(Transport transport) {
    dropAll(transport.sealed, DropReason.SRTP_NO_KEYS);
    dropAll(transport.opened, DropReason.RTP_UNKNOWN_SSRC);
    transport.sealed = null;
    transport.opened = null;
    waiting.remove(transport);
  }

  private void dropAll(@Nullable HeldPackets held, DropReason reason) {
    while (held != null && held.size() > 0) {
      HeldPackets.Held packet = held.poll();
      if (packet != null) {
        drop(packet, reason);
      }
    }
  }

  private void drop(HeldPackets.Held packet, DropReason reason) {
    bytes -= packet.bytes().length;
    counters.drop(reason);
  }
}
