/**
 * The node's key and the identifier that follows from it. Pure: randomness is an argument, files
 * are read by {@code mesh.host}.
 */
@NullMarked
package live.banyan.mesh.identity;

import org.jspecify.annotations.NullMarked;
