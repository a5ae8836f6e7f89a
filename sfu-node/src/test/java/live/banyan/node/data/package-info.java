/** The data plane with its real thread, real associations, and no network in between. */
@NullMarked
package live.banyan.node.data;

import org.jspecify.annotations.NullMarked;
