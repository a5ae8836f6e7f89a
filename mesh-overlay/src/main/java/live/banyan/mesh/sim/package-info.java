/**
 * A virtual network on virtual time that runs the production relay-tree machine with up to 100,000
 * nodes: {@code ./banyan sim}. Pure: one seed, one result, byte for byte. May depend on {@code
 * mesh.tree} and {@code mesh.wire}; nothing depends on it but the command and the tests.
 */
@NullMarked
package live.banyan.mesh.sim;

import org.jspecify.annotations.NullMarked;
