/**
 * What a volunteer allows: which streams its node carries, and how much of its line, month and day
 * that may take. Pure: clocks are arguments, and whoever drives it says what was sent. One thread.
 *
 * <p>Every relay to another node and every viewer is admitted here first, as an {@link
 * live.banyan.mesh.policy.Ask}, and gives its place back at its end.
 */
@NullMarked
package live.banyan.mesh.policy;

import org.jspecify.annotations.NullMarked;
