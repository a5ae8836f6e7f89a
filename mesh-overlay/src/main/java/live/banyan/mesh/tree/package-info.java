/**
 * The relay tree of one stream as seen by one node: whom it takes the stream from, and whom it
 * gives it to. Pure: {@link StreamTree#step} is told what happened and what time it is, and answers
 * with what is to be done. {@code mesh.host} drives it on a real node, the simulation in the tests.
 */
@NullMarked
package live.banyan.mesh.tree;

import org.jspecify.annotations.NullMarked;
