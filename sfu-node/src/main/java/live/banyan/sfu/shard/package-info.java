/**
 * One shard is one core's world of transports, tracks and subscriptions: commands and datagrams in,
 * datagrams and events out. Pure; driven by one thread of {@code live.banyan.node}.
 */
@NullMarked
package live.banyan.sfu.shard;

import org.jspecify.annotations.NullMarked;
