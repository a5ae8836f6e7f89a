package live.banyan.mesh.tree;

import java.util.List;

/**
 * Where this node has the stream from at a moment.
 *
 * @param parentId empty at the ingest
 * @param path from the ingest to this node, both included
 * @param serving media flows, so children may come
 */
record Place(long epoch, String parentId, List<String> path, boolean serving) {}
