/**
 * What flows how well: arrival feedback and reception statistics for what comes (TWCC, RFC 3550
 * appendix A), and for what leaves the estimate of the path, pacing and probing. Pure; driven by a
 * shard for each transport and each received SSRC.
 */
@NullMarked
package live.banyan.sfu.congestion;

import org.jspecify.annotations.NullMarked;
