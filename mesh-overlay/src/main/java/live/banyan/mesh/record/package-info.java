/**
 * What nodes that do not know each other tell about themselves and about streams, as signed records
 * with a short life, and how records about streams are sealed to those who have the link. Pure: the
 * wall clock and randomness are arguments. The records of {@code live.banyan.mesh} have the same
 * names and stay inside a site, whose nodes trust each other.
 */
@NullMarked
package live.banyan.mesh.record;

import org.jspecify.annotations.NullMarked;
