/**
 * {@code ./banyan demo}: a site of node processes on this machine with a broadcast through them.
 */
@NullMarked
package live.banyan.node.demo;

import org.jspecify.annotations.NullMarked;
