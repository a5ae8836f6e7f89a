/** SDP: parse, write, negotiate (RFC 8866, 8829, 9143, 8853, 8839, 8122). Pure. */
@NullMarked
package live.banyan.signaling.sdp;

import org.jspecify.annotations.NullMarked;
