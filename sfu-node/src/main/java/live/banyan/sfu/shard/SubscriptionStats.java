package live.banyan.sfu.shard;

/**
 * What is known of one subscription.
 *
 * @param packets RTP packets sent, repetitions aside
 * @param bytes payload bytes of those
 * @param repeated packets sent again as RTX
 * @param rttNs round trip from the subscriber's last report; -1 before the first
 * @param fractionLost loss in the subscriber's last report interval, in 1/256
 */
public record SubscriptionStats(
    long packets, long bytes, long repeated, long rttNs, int fractionLost) {}
