/**
 * Node-to-node links: one ICE + DTLS association per pair of nodes, for media of all shared streams
 * and for control datagrams beside it.
 *
 * <p>Owns the handshake over the directory's bus ({@link live.banyan.sfu.relay.LinkOffer}), ice4j
 * fed from the node's only socket, the heartbeat, and the numbering of SSRCs per association. The
 * socket belongs to the shard, so everything that touches the network goes through {@code
 * ShardCommand} and comes back as {@code ShardEvent}. Driven by one thread of its own, {@code
 * relay-links}; STUN and DTLS of each link run on virtual threads, so that a handshake never delays
 * another link's heartbeat.
 *
 * <p>ice4j lives only as long as a handshake. Once both ends have confirmed a link its agent is
 * freed: the heartbeat inside DTLS is authenticated and far quicker than the 15 s consent checks of
 * RFC 7675, and 300 ms of silence end the link and with it all sending.
 */
@NullMarked
package live.banyan.sfu.relay;

import org.jspecify.annotations.NullMarked;
