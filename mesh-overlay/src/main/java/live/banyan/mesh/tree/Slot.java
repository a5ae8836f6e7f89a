package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.NEVER;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One child that this node serves. */
final class Slot {
  long attempt;
  long heardNs;
  long epoch;
  byte @Nullable [] description;

  /** Children that it could serve, and places at it and below it; -1 where it has not said. */
  int degree = -1;

  int room = -1;

  /** It has been shown other parents; NEVER where it may stay. */
  long movingNs = NEVER;

  /** Of a child that goes down: those who may take its slot; null otherwise. */
  @Nullable List<String> heirs;
}
