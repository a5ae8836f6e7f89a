/**
 * What flows how well: transport-wide arrival feedback and reception statistics (TWCC, RFC 3550
 * appendix A). Pure; driven by a shard for each transport and each received SSRC.
 */
@NullMarked
package live.banyan.sfu.congestion;

import org.jspecify.annotations.NullMarked;
