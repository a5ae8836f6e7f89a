/**
 * UDP: batch receive and send through FFM (recvmmsg, sendmmsg, UDP_SEGMENT), and the NIO fallback;
 * {@link live.banyan.sfu.io.UdpSockets} chooses. With {@code sfu.srtp} the only place that calls
 * native code. Driven by one shard thread. Depends on {@code sfu.packet} alone.
 */
@NullMarked
package live.banyan.sfu.io;

import org.jspecify.annotations.NullMarked;
