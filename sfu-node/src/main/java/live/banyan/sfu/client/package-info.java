/**
 * The other side of WHIP and WHEP for publish, watch, bench and tests: controlling ICE, offers,
 * sending and receiving.
 */
@NullMarked
package live.banyan.sfu.client;

import org.jspecify.annotations.NullMarked;
