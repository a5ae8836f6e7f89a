/**
 * Who may publish and watch: tokens (JWT, RFC 7519) with HS256 over a key that the nodes of a site
 * share as a file, or EdDSA (RFC 8037) under keys that the operator trusts. Knows nothing of HTTP
 * but the {@code Authorization} header (RFC 6750).
 */
@NullMarked
package live.banyan.signaling.auth;

import org.jspecify.annotations.NullMarked;
