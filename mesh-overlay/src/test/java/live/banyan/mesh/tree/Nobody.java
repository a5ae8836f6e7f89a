package live.banyan.mesh.tree;

import java.util.List;
import java.util.Optional;

/** Surroundings in which no other node carries anything or is known. */
final class Nobody implements Surroundings {
  @Override
  public List<Candidate> carriers(String stream) {
    return List.of();
  }

  @Override
  public Optional<Candidate> peer(String nodeId, String stream) {
    return Optional.empty();
  }
}
