/** Depacketisers: RTP payloads to frames, and which frames are whole and decodable. Pure. */
@NullMarked
package live.banyan.sfu.depacket;

import org.jspecify.annotations.NullMarked;
