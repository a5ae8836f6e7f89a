/**
 * SRTP and SRTCP: libcrypto over FFM where present, SunJCE otherwise; both behind {@code
 * PacketCipher}.
 */
@NullMarked
package live.banyan.sfu.srtp;

import org.jspecify.annotations.NullMarked;
