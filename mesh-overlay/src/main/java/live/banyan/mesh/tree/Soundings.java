package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import live.banyan.mesh.wire.TreeMessage;

/**
 * Candidates that are probed beside the one that is asked for a place: when that one says no, it is
 * known who will say yes. A node that does not know PROBE is asked in its turn all the same.
 */
final class Soundings {
  /** At once. */
  private static final int WIDTH = 4;

  /** For the link and the answer; a lost PROBE is not repeated. */
  private static final long PATIENCE_NS = 1_500 * MS;

  /**
   * One candidate.
   *
   * @param nonce of the PROBE; 0 while the link is not up
   * @param promising it has room, as far as anybody has told
   */
  private record Sounding(long nonce, long untilNs, boolean promising) {}

  private final String stream;
  private final Prospects prospects;
  private final int degree;
  private final Map<String, Sounding> open = new LinkedHashMap<>();

  Soundings(String stream, Prospects prospects, int degree) {
    this.stream = stream;
    this.prospects = prospects;
    this.degree = degree;
  }

  boolean has(String nodeId) {
    return open.containsKey(nodeId);
  }

  void clear() {
    open.clear();
  }

  /** Probes as many as may be, the best first. */
  void widen(Step at, long epoch, boolean inNeed, Predicate<Candidate> allowed) {
    open.values().removeIf(sounding -> at.due(sounding.untilNs()));
    int more = WIDTH - open.size();
    if (more <= 0) {
      return;
    }
    Predicate<Candidate> fresh =
        c -> !has(c.nodeId()) && !prospects.hasRoom(c.nodeId()) && allowed.test(c);
    for (Candidate candidate : prospects.best(at, epoch, inNeed, fresh, more)) {
      if (candidate.linked()) {
        probe(at, candidate.nodeId(), inNeed);
      } else {
        await(at, candidate.nodeId(), prospects.isPromising(candidate));
        at.act(new TreeAction.Connect(candidate.nodeId()));
      }
    }
  }

  /** A link is on its way. */
  void await(Step at, String nodeId, boolean promising) {
    open.put(nodeId, new Sounding(0, at.after(PATIENCE_NS), promising));
  }

  /** Whether a link is awaited to one that may have room. */
  boolean isPromising(String nodeId) {
    Sounding sounding = open.get(nodeId);
    return sounding != null && sounding.nonce() == 0 && sounding.promising();
  }

  void remove(String nodeId) {
    open.remove(nodeId);
  }

  void linkUp(Step at, String nodeId, boolean inNeed) {
    Sounding sounding = open.get(nodeId);
    if (sounding != null && sounding.nonce() == 0) {
      probe(at, nodeId, inNeed);
    }
  }

  private void probe(Step at, String nodeId, boolean inNeed) {
    long nonce = 1 + (at.random.nextLong() >>> 2);
    open.put(nodeId, new Sounding(nonce, at.after(PATIENCE_NS), false));
    at.send(nodeId, new TreeMessage.Probe(stream, nonce, degree, inNeed));
  }

  /** True when the answer is that there is no room. */
  boolean heard(String from, TreeMessage.ProbeOk answer, long epoch) {
    if (!answers(from, answer.nonce())) {
      return false;
    }
    open.remove(from);
    answer.elsewhere().forEach(prospects::prefer);
    if (answer.epoch() < epoch) {
      return false; // it may follow before it is asked
    }
    if (answer.room() > 0) {
      prospects.withRoom(from);
      return false;
    }
    prospects.preferNoMore(from);
    prospects.tried(from);
    return true;
  }

  /** It cannot be had now. */
  void rejected(String from, long nonce) {
    if (answers(from, nonce)) {
      open.remove(from);
      prospects.preferNoMore(from);
      prospects.tried(from);
    }
  }

  private boolean answers(String from, long nonce) {
    Sounding sounding = open.get(from);
    return sounding != null && sounding.nonce() == nonce;
  }
}
