/**
 * A node's control plane: sessions, streams and relays as commands to the shard. Everything here
 * belongs to one {@link live.banyan.node.control.ControlThread}; implements the ports of signalling
 * and overlay.
 */
@NullMarked
package live.banyan.node.control;

import org.jspecify.annotations.NullMarked;
