/**
 * DTLS 1.2 with use_srtp over Bouncy Castle (RFC 5763, RFC 5764): who the two ends are, and the
 * SRTP keys between them. A {@link live.banyan.sfu.dtls.DtlsEndpoint} is one certificate with its
 * limits and counters; it makes a {@link live.banyan.sfu.dtls.DtlsAssociation} per transport.
 * Datagrams come in through a bounded queue and leave through a callback, so sockets stay
 * elsewhere. A virtual thread lives as long as a handshake computes or waits; afterwards one is
 * started when a record arrives, and none is parked.
 */
@NullMarked
package live.banyan.sfu.dtls;

import org.jspecify.annotations.NullMarked;
