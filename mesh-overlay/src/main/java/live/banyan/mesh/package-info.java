/**
 * What the overlay needs from the rest of the program (links, media), and the identifiers it deals
 * in.
 */
@NullMarked
package live.banyan.mesh;

import org.jspecify.annotations.NullMarked;
