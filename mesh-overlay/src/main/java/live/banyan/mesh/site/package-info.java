/**
 * One operator's nodes, joined by Hazelcast, who trust each other: the directory of nodes, streams
 * and carriers, and the clustered event bus. Owns the Hazelcast member. Driven by {@code Main},
 * which creates Vert.x here, and by Hazelcast's threads, which only hand over to one thread of the
 * directory.
 *
 * <p>The directory is not a Hazelcast map. Every record has one writer, the node that it speaks of;
 * so each member tells the others its own records over a topic, numbered, and keeps what the others
 * told. Reads are local, a write waits for no partition owner (which may be the one that just
 * died), and when a member is gone its records are gone in the same moment, everywhere.
 */
@NullMarked
package live.banyan.mesh.site;

import org.jspecify.annotations.NullMarked;
