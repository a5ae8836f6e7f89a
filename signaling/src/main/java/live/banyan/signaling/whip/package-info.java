/**
 * Ingest: publishers (RFC 9725). Thin: the offer's intake and the session are shared, the answer is
 * {@code sdp}'s.
 */
@NullMarked
package live.banyan.signaling.whip;

import org.jspecify.annotations.NullMarked;
