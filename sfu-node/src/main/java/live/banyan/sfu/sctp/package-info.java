/**
 * Data channels: the subset of SCTP that browsers speak inside DTLS (RFC 9260, with RFC 3758 and
 * RFC 6525) and the channels on top of it (RFC 8831, RFC 8832). Pure: packets, messages and time
 * come in through methods, {@link live.banyan.sfu.sctp.SctpEvent}s are taken out after each. Left
 * out: multihoming, interleaving (RFC 8260), restart of an association, and renegging on
 * acknowledged data, none of which a browser does inside DTLS.
 */
@NullMarked
package live.banyan.sfu.sctp;

import org.jspecify.annotations.NullMarked;
