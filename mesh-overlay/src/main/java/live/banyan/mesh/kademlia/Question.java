package live.banyan.mesh.kademlia;

import org.jspecify.annotations.Nullable;

/**
 * Something asked of a node that has not answered yet.
 *
 * @param search that it belongs to, or {@link #NO_SEARCH}
 * @param record of a STORE; null for a FIND
 * @param repeated whether the node has demanded a token already
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
record Question(
    Contact contact,
    Point target,
    long search,
    byte @Nullable [] record,
    boolean repeated,
    long askedNs) {
  static final long NO_SEARCH = Long.MIN_VALUE;

  /** The id of a bootstrap node, of which only the address is known. */
  static final String ANYBODY = "";
}
