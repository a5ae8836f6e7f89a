package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

/** What is waited for before this node looks for another parent: only the first hurt moves. */
final class Patience {
  /**
   * The parent of a silent parent may be the one that failed. The parent then says so as soon as it
   * notices, which is as late after its last packet as we notice after ours: this is for what the
   * two ways differ in.
   */
  private static final long SILENCE_NS = 20 * MS;

  /** How long the parent may look for a parent of its own before we look ourselves. */
  private static final long UPSTREAM_LOST_NS = 2_000 * MS;

  /** A parent follows the new ingest before its children do: the tree keeps its shape. */
  private static final long EPOCH_NS = 1_000 * MS;

  private long silenceNs = NEVER;
  private long upstreamNs = NEVER;
  private long epochNs = NEVER;

  /** The parent's media has stopped; no patience when nobody stands above it. */
  void withSilence(Step at, boolean parentIsRoot) {
    silenceNs = Math.min(silenceNs, at.after(parentIsRoot ? 0 : SILENCE_NS));
  }

  /** The parent has lost its own. */
  void withLostUpstream(Step at) {
    silenceNs = NEVER;
    upstreamNs = at.after(UPSTREAM_LOST_NS);
  }

  /** The parent has not followed the new ingest yet. */
  void withOldEpoch(Step at) {
    epochNs = at.after(EPOCH_NS);
  }

  /** The parent's media is, or will be, there. */
  void mediaIsBack() {
    silenceNs = NEVER;
    upstreamNs = NEVER;
  }

  void epochIsHere() {
    epochNs = NEVER;
  }

  void reset() {
    mediaIsBack();
    epochIsHere();
  }

  boolean mediaOverdue(Step at) {
    return at.due(silenceNs) || at.due(upstreamNs);
  }

  boolean epochOverdue(Step at) {
    return at.due(epochNs);
  }

  long wakeNs() {
    return Math.min(silenceNs, Math.min(upstreamNs, epochNs));
  }
}
