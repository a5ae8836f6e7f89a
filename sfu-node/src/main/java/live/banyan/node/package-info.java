/** The program: command line, configuration, wiring, metrics, admin API. */
@NullMarked
package live.banyan.node;

import org.jspecify.annotations.NullMarked;
