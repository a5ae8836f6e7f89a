/**
 * The other side of WHIP and WHEP, for {@code publish}, {@code watch}, benchmarks and tests: {@link
 * live.banyan.sfu.client.Publisher} and {@link live.banyan.sfu.client.Viewer} on a {@link
 * live.banyan.sfu.client.ClientHost}, which drives any number of sessions with one thread. Signals
 * over HTTP, checks connectivity as the controlling end, and sends or judges media. May use all of
 * {@code sfu} but the shard; the node's program drives it.
 */
@NullMarked
package live.banyan.sfu.client;

import org.jspecify.annotations.NullMarked;
