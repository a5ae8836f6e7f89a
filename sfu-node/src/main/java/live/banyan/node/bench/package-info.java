/** {@code ./banyan bench}: measures whole nodes; the figures of docs/performance.md. */
@NullMarked
package live.banyan.node.bench;

import org.jspecify.annotations.NullMarked;
