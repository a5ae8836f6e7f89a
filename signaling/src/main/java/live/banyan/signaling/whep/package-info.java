/**
 * Egress: viewers (draft-ietf-wish-whep-04). Thin: the offer's intake and the session are shared,
 * the answer is {@code sdp}'s.
 */
@NullMarked
package live.banyan.signaling.whep;

import org.jspecify.annotations.NullMarked;
