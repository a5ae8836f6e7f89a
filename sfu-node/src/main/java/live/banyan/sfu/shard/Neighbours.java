package live.banyan.sfu.shard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.PacketCache;
import live.banyan.sfu.packet.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * The other shards of the node as one of them sees them: whose an address is, and what they are
 * told. A transport belongs to the shard that its user fragment hashes to, whichever socket of the
 * port the kernel delivers to. Not thread safe.
 */
final class Neighbours {
  /** first and second: address; third: port; data: a datagram that belongs to the reader. */
  static final int DATAGRAM = 1;

  /** first and second: address; third: port. The address is the writer's from now on. */
  static final int CLAIM = 2;

  /** first: track; second: arrival; third: layer; data: an RTP packet in clear. */
  static final int PACKET = 3;

  /** first: track; second: NTP time; third: RTP timestamp; data: the layer in one byte. */
  static final int CLOCK = 4;

  /** first: track; third: layer. Somebody at the writer waits for a keyframe. */
  static final int KEYFRAME = 5;

  /**
   * first: track; second: the layers that the writer's subscribers need, a bit each; third: 1 where
   * it has subscribers for it, 0 where not any more.
   */
  static final int WANT = 6;

  /** first: track. The writer has opened it, and asks who wants it. */
  static final int OPENED = 7;

  static final int NOT_KNOWN = -1;

  /** Addresses remembered for others before the older half of them goes. */
  private static final int CLAIMS = 16_384;

  /** Fragments of restarted ICE that hash to this shard though their transport is another's. */
  private static final int PASSED_MAX = 1_024;

  private static final MemorySegment NOTHING = MemorySegment.NULL;

  private final ShardCounters counters;
  private final MemorySegment scratch = Arena.ofAuto().allocate(PacketCache.SLOT_BYTES, 8);
  private final Map<Long, Integer> passed =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
          return size() > PASSED_MAX;
        }
      };
  private @Nullable Neighbour[] others = {null};

  private AddressTable<Integer> claims = new AddressTable<>();
  private AddressTable<Integer> olderClaims = new AddressTable<>();

  /** Whose datagram is being handled: a neighbour's index, or {@link #NOT_KNOWN} for our own. */
  private int origin = NOT_KNOWN;

  Neighbours(ShardCounters counters) {
    this.counters = counters;
  }

  /**
   * Introduces the others.
   *
   * @param all by index; null at this shard's own
   */
  void introduce(@Nullable Neighbour[] all) {
    others = all.clone();
  }

  int count() {
    return others.length;
  }

  boolean alone() {
    return others.length == 1;
  }

  void handling(int neighbour) {
    origin = neighbour;
  }

  // --- whose a datagram is ----------------------------------------------------------------------

  /** Lets checks for a fragment pass on to the shard of its transport. */
  void pass(long ufragKey, int shard) {
    passed.put(ufragKey, shard);
  }

  /** Hands on a check whose fragment is not known here. @return false where nobody would know it */
  boolean handOverCheck(
      long ufragKey, MemorySegment memory, long offset, int length, long high, long low, int port) {
    if (alone()) {
      return false;
    }
    Integer elsewhere = passed.isEmpty() ? null : passed.get(ufragKey);
    int owner = elsewhere == null ? ShardCommand.shardOf(ufragKey, others.length) : elsewhere;
    return handOver(owner, memory, offset, length, high, low, port);
  }

  /** Hands on a datagram from an address that another shard has claimed. */
  boolean handOver(MemorySegment memory, long offset, int length, long high, long low, int port) {
    if (alone()) {
      return false;
    }
    Integer owner = claims.get(high, low, port);
    if (owner == null) {
      owner = olderClaims.get(high, low, port);
    }
    return owner != null && handOver(owner, memory, offset, length, high, low, port);
  }

  private boolean handOver(
      int owner, MemorySegment memory, long offset, int length, long high, long low, int port) {
    Neighbour neighbour = others[owner];
    if (neighbour == null || origin != NOT_KNOWN) {
      return false; // ours, or handed to us by mistake: it shall not go in circles
    }
    counters.add(ShardCounter.HANDED_OVER, 1);
    if (!neighbour.offer(DATAGRAM, high, low, port, memory, offset, length)) {
      counters.drop(DropReason.QUEUE_FULL);
    }
    return true;
  }

  /** Tells where a datagram that was handed to us came from, that its address is ours. */
  void claimFromOrigin(long high, long low, int port) {
    if (origin != NOT_KNOWN) {
      tell(origin, CLAIM, high, low, port, NOTHING, 0);
    }
  }

  /** Tells everybody that an address is ours: the kernel may deliver its answers to any of us. */
  void claim(long high, long low, int port) {
    for (int i = 0; i < others.length; i++) {
      tell(i, CLAIM, high, low, port, NOTHING, 0);
    }
  }

  void claimed(int by, long high, long low, int port) {
    if (claims.size() >= CLAIMS) {
      // Checks renew what is in use every few seconds.
      olderClaims = claims;
      claims = new AddressTable<>();
    }
    claims.put(high, low, port, by);
  }

  // --- publications -----------------------------------------------------------------------------

  void share(Feed feed, Layer layer, long sequence) {
    if (feed.wanting != 0) {
      for (int i = 0; i < others.length; i++) {
        if ((feed.wanting & 1L << i) != 0) {
          share(i, feed, layer, sequence);
        }
      }
    }
  }

  private void share(int to, Feed feed, Layer layer, long sequence) {
    PacketCache cache = layer.cache();
    int slot = cache.slotOf(sequence);
    if (slot < 0) {
      return;
    }
    int length = cache.copyOut(slot, scratch);
    counters.add(ShardCounter.SHARED_OUT, 1);
    tell(to, PACKET, feed.track.id(), cache.arrivalNs(slot), layer.index(), scratch, length);
  }

  void shareClock(Feed feed, Layer layer, long ntp, int rtp) {
    scratch.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) layer.index());
    for (int i = 0; i < others.length; i++) {
      if ((feed.wanting & 1L << i) != 0) {
        tell(i, CLOCK, feed.track.id(), ntp, rtp, scratch, 1);
      }
    }
  }

  /** Another shard has, or has no longer, subscribers for a track. */
  void wanted(int by, Feed feed, boolean wanted, int layers, long nowNs) {
    feed.neededElsewhere(by, wanted ? layers : 0);
    boolean before = (feed.wanting & 1L << by) != 0;
    feed.wanting = wanted ? feed.wanting | 1L << by : feed.wanting & ~(1L << by);
    if (wanted && !before && !feed.sources.isEmpty()) {
      for (int i = 0; i < feed.track.layerCount(); i++) {
        catchUp(by, feed, feed.track.layer(i), nowNs);
      }
    }
  }

  private void catchUp(int to, Feed feed, Layer layer, long nowNs) {
    if (layer.senderClock().known()) {
      int clockRateHz = feed.track.codec().clockRateHz();
      int rtp = layer.senderClock().rtpAt(nowNs, clockRateHz);
      scratch.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) layer.index());
      tell(to, CLOCK, feed.track.id(), layer.senderClock().ntpAt(nowNs), rtp, scratch, 1);
    }
    long from = layer.keyframeSequence();
    for (long sequence = from; from >= 0 && sequence <= layer.highest(); sequence++) {
      share(to, feed, layer, sequence);
    }
  }

  void tellWanted(Feed feed) {
    int wanted = feed.track.subscriptionCount() > 0 ? 1 : 0;
    tellAll(WANT, feed.track.id(), feed.neededHere(), wanted);
  }

  void tellOpened(Feed feed) {
    tellAll(OPENED, feed.track.id(), 0, 0);
  }

  void tellKeyframe(Feed feed, Layer layer) {
    tellAll(KEYFRAME, feed.track.id(), 0, layer.index());
  }

  void tellUnwanted(int to, long trackId) {
    tell(to, WANT, trackId, 0, 0, NOTHING, 0);
  }

  private void tellAll(int kind, long trackId, long second, int third) {
    for (int i = 0; i < others.length; i++) {
      tell(i, kind, trackId, second, third, NOTHING, 0);
    }
  }

  private void tell(
      int to, int kind, long first, long second, int third, MemorySegment data, int length) {
    Neighbour neighbour = others[to];
    if (neighbour != null && !neighbour.offer(kind, first, second, third, data, 0, length)) {
      counters.drop(DropReason.QUEUE_FULL);
    }
  }
}
