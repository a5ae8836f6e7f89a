/**
 * What signalling needs from the rest of the program, stated as interfaces that {@code sfu-node}
 * implements.
 */
@NullMarked
package live.banyan.signaling.port;

import org.jspecify.annotations.NullMarked;
