/**
 * Node-to-node links: ice4j connectivity over the node's own socket, mutual DTLS, heartbeat,
 * control datagrams.
 */
@NullMarked
package live.banyan.sfu.relay;

import org.jspecify.annotations.NullMarked;
