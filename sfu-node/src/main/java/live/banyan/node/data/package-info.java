/**
 * Data channels of this node's sessions: what a publisher sends on a channel is forwarded to all
 * viewers of its stream, and to the nodes that relay it. Runs on one thread of its own, so that
 * neither media nor signalling waits for it; {@link live.banyan.node.data.DataPlane} is the door.
 */
@NullMarked
package live.banyan.node.data;

import org.jspecify.annotations.NullMarked;
