/**
 * DTLS 1.2 with use_srtp over Bouncy Castle: one virtual thread per handshake, a bounded queue in
 * front.
 */
@NullMarked
package live.banyan.sfu.dtls;

import org.jspecify.annotations.NullMarked;
