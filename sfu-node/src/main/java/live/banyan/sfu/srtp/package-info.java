/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) behind {@code PacketCipher}: libcrypto over FFM where it is
 * present and proves itself, the JDK's provider otherwise; {@link
 * live.banyan.sfu.srtp.PacketCiphers} chooses. Ciphers are driven by the shard of their transport.
 * Beside them the curves of {@code sfu.dtls} ({@link live.banyan.sfu.srtp.NativeCurves}), since
 * native calls are made here and in {@code sfu.io} alone. Depends on {@code sfu.packet} alone.
 */
@NullMarked
package live.banyan.sfu.srtp;

import org.jspecify.annotations.NullMarked;
