/**
 * Flyweights over RTP packets and their header extensions (RFC 3550, RFC 8285), sequence
 * arithmetic. Pure.
 */
@NullMarked
package live.banyan.sfu.rtp;

import org.jspecify.annotations.NullMarked;
