/**
 * The forwarding core: Track, PacketCache, Subscription, LayerSelector, RtpRewriter, NackGenerator,
 * KeyframeRequester. Pure.
 */
@NullMarked
package live.banyan.sfu.media;

import org.jspecify.annotations.NullMarked;
