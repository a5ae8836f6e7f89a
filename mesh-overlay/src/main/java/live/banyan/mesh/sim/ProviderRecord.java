package live.banyan.mesh.sim;

import java.util.List;

/** What a node has published of its place in the tree, and when. */
record ProviderRecord(long atNs, long epoch, List<String> path, int freeSlots) {}
