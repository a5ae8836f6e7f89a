package live.banyan.sfu.shard;

import live.banyan.sfu.media.PacketCache;

/**
 * Sizes, times and bounds of one shard.
 *
 * @param videoSlots packets that the cache of a video layer holds at first, a power of two; it
 *     grows where that is less than two seconds of them
 * @param audioSlots packets that the cache of an audio track holds, a power of two
 * @param silentNs a client's transport without an authenticated packet for this long is gone
 * @param connectNs a client's transport that is not connected and keyed after this long is gone
 * @param wallClockOffsetNs nanoseconds since 1970 when the shard's clock shows 0
 * @param transportsMax transports at once
 * @param tracksMax tracks at once
 * @param subscriptionsPerTransportMax subscriptions of one transport
 * @param cacheGrowthBytes native memory for all that video caches grow by
 */
public record ShardConfig(
    int videoSlots,
    int audioSlots,
    long silentNs,
    long connectNs,
    long wallClockOffsetNs,
    int transportsMax,
    int tracksMax,
    int subscriptionsPerTransportMax,
    long cacheGrowthBytes) {
  /** What sixteen encodings of 8 Mbit/s need. */
  private static final long GROWTH_BYTES = 24 * 1024 * 1024;

  /** Two seconds of 4 Mbit/s video and five of audio; RFC 8445 times as the project sets them. */
  public static ShardConfig standard(long wallClockOffsetNs) {
    return new ShardConfig(
        1024,
        256,
        4_000_000_000L,
        30_000_000_000L,
        wallClockOffsetNs,
        16_384,
        4_096,
        1_024,
        GROWTH_BYTES);
  }

  /** The same for each of so many shards, with its part of the node's memory. */
  public ShardConfig among(int shards) {
    return new ShardConfig(
        videoSlots,
        audioSlots,
        silentNs,
        connectNs,
        wallClockOffsetNs,
        transportsMax,
        tracksMax,
        subscriptionsPerTransportMax,
        cacheGrowthBytes / shards);
  }

  /** Bytes of native memory that the cache of a video layer takes. */
  public long videoCacheBytes() {
    return (long) videoSlots * PacketCache.SLOT_BYTES;
  }
}
