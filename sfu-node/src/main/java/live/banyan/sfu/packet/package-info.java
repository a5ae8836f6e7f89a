/**
 * The vocabulary that the media packages share: how bytes are sealed, where they are sent, why they
 * are dropped. Pure; depends on nothing; everything in {@code sfu} may depend on it.
 */
@NullMarked
package live.banyan.sfu.packet;

import org.jspecify.annotations.NullMarked;
