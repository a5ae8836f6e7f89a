/**
 * A volunteer's node: what its owner allows, enforced where streams leave the node. The rules are
 * {@code mesh.policy}'s; this package knows files, clocks and counters.
 */
@NullMarked
package live.banyan.node.volunteer;

import org.jspecify.annotations.NullMarked;
