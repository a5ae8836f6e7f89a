/**
 * What WHIP and WHEP have in common: reading an offer from a request, opening a session at the
 * media plane, answering, and the session's own resource (trickle, ICE restart, end). Handlers run
 * on the event loop of their request and never block.
 */
@NullMarked
package live.banyan.signaling.session;

import org.jspecify.annotations.NullMarked;
