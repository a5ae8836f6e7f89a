/** The distributed table among liars, on virtual time: the scenario {@code dht-attack}. */
@NullMarked
package live.banyan.mesh.sim.dht;

import org.jspecify.annotations.NullMarked;
