/**
 * The distributed table in which strangers find each other's records: Kademlia (Maymounkov and
 * Mazieres 2002) with lookups over disjoint paths (S/Kademlia, Baumgart and Mies 2007). Where a
 * node stands follows from its network, so ids ground towards a target do not help ({@link
 * live.banyan.mesh.kademlia.Contact}). Pure: the driver hands in messages, time and randomness, and
 * carries out the actions.
 */
@NullMarked
package live.banyan.mesh.kademlia;

import org.jspecify.annotations.NullMarked;
