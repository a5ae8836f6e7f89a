/**
 * What drives the overlay's machines on a real node: one thread with a timer, the data directory's
 * key file. Owns no protocol.
 */
@NullMarked
package live.banyan.mesh.host;

import org.jspecify.annotations.NullMarked;
