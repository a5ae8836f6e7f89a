package live.banyan.mesh.tree;

import java.util.List;
import java.util.Optional;

/** What this node knows of the others at the moment of a step. Local and quick. */
public interface Surroundings {
  /** The nodes that carry a stream. */
  List<Candidate> carriers(String stream);

  /** A node by its id, whether or not it carries the stream; empty when the site has none such. */
  Optional<Candidate> peer(String nodeId, String stream);
}
