/**
 * STUN (RFC 8489) and ICE (RFC 8445): the lite side that answers browsers, and the controlling side
 * for our own clients. Pure.
 */
@NullMarked
package live.banyan.sfu.ice;

import org.jspecify.annotations.NullMarked;
