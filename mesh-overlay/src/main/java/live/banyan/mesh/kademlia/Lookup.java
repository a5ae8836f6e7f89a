package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import live.banyan.mesh.wire.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The way to a target over disjoint paths: no node is asked by two of them, so a liar spoils one.
 * On a path, those who name nodes that do not answer lose their turn to those who name others, so
 * invented nodes cost little however near they claim to stand. At the end one more path asks what
 * the others have found and not asked. Sends nothing by itself.
 */
final class Lookup {
  private static final int PARALLEL = 3;
  private static final int WIDTH = 8;
  private static final int ASKED_MAX = 20;
  private static final int LAST_WIDTH = 48;
  private static final int LAST_PARALLEL = 12;
  private static final int LAST_ASKED_MAX = 72;
  private static final int CANDIDATES_MAX = 96;

  private enum State {
    NEW,
    ASKED,
    LATE,
    ANSWERED,
    FAILED
  }

  private static final class Candidate {
    final Contact contact;
    final @Nullable Candidate namedBy;
    State state = State.NEW;
    int blame;

    Candidate(Contact contact, @Nullable Candidate namedBy) {
      this.contact = contact;
      this.namedBy = namedBy;
    }

    int rank() {
      return namedBy == null ? 0 : namedBy.blame;
    }

    void blame(int by) {
      if (namedBy != null) {
        namedBy.blame += by;
      }
    }
  }

  private final class Path {
    /** Nearest first. */
    final List<Candidate> candidates = new ArrayList<>();

    private final Set<Endpoint> known = new HashSet<>();
    private final int parallel;
    private final int width;
    private int left;
    private int flying;

    /** Nobody is left to be asked until somebody answers, or does not. */
    private boolean dry;

    Path(int parallel, int width, int asked) {
      this.parallel = parallel;
      this.width = width;
      this.left = asked;
    }

    void add(Candidate candidate) {
      if (candidates.size() < CANDIDATES_MAX && known.add(candidate.contact.endpoint())) {
        int at = Collections.binarySearch(candidates, candidate, Lookup.this::order);
        candidates.add(at < 0 ? -at - 1 : at, candidate);
        dry = false;
      }
    }

    void ask(List<Contact> out) {
      while (!dry && flying < parallel) {
        Candidate next = left > 0 ? next() : null;
        if (next == null) {
          dry = true;
          return;
        }
        left--;
        flying++;
        next.state = State.ASKED;
        next.blame(1);
        asked.add(next.contact.endpoint());
        byEndpoint.put(next.contact.endpoint(), new Asked(this, next));
        out.add(next.contact);
      }
    }

    /** What is farther than the nearest that have answered, {@code width} of them, is not asked. */
    private @Nullable Candidate next() {
      Candidate best = null;
      int answered = 0;
      for (Candidate c : candidates) {
        if (c.state == State.ANSWERED && ++answered == width) {
          break;
        }
        if (c.state == State.NEW
            && (best == null || c.rank() < best.rank())
            && !asked.contains(c.contact.endpoint())) {
          best = c;
        }
      }
      return best;
    }

    void become(Candidate candidate, State state) {
      if (candidate.state == State.ASKED) {
        flying--;
      }
      candidate.state = state;
      dry = false;
    }

    boolean quiet() {
      return dry && flying == 0;
    }
  }

  private record Asked(Path path, Candidate candidate) {}

  private final Point target;
  private final List<Path> paths = new ArrayList<>();
  private final Set<Endpoint> asked = new HashSet<>();
  private final Map<Endpoint, Asked> byEndpoint = new HashMap<>();
  private @Nullable Path merged;

  /**
   * A lookup.
   *
   * @param self is not asked
   * @param near the nearest known, dealt out to the even paths
   * @param far others from anywhere, dealt out to the odd ones: whoever has gathered around the
   *     target has few there, and every path that begins among them would stay among them
   * @param count of paths, at least 1
   */
  Lookup(Point target, Contact self, List<Contact> near, List<Contact> far, int count) {
    this.target = target;
    asked.add(self.endpoint());
    for (int i = 0; i < count; i++) {
      paths.add(new Path(PARALLEL, WIDTH, ASKED_MAX));
    }
    deal(near, 0, (count + 1) / 2);
    deal(far, count == 1 ? 0 : 1, Math.max(1, count / 2));
  }

  private void deal(List<Contact> seeds, int first, int among) {
    for (int i = 0; i < seeds.size(); i++) {
      paths.get(first + 2 * (i % among)).add(new Candidate(seeds.get(i), null));
    }
  }

  Point target() {
    return target;
  }

  /** Whom to ask now. */
  List<Contact> ask() {
    List<Contact> out = new ArrayList<>();
    paths.forEach(path -> path.ask(out));
    if (merged == null && paths.stream().allMatch(Path::quiet)) {
      Path path = new Path(LAST_PARALLEL, LAST_WIDTH, LAST_ASKED_MAX);
      paths.stream().flatMap(p -> p.candidates.stream()).sorted(this::order).forEach(path::add);
      merged = path;
      paths.add(path);
    }
    if (merged != null) {
      merged.ask(out);
    }
    return out;
  }

  /** A node has answered and named others. */
  void answered(Contact from, List<Contact> named) {
    Asked at = byEndpoint.get(from.endpoint());
    if (at != null && at.candidate.state != State.ANSWERED) {
      at.candidate.blame(at.candidate.state == State.FAILED ? -2 : -1);
      at.path.become(at.candidate, State.ANSWERED);
      for (Contact contact : named) {
        Candidate candidate = new Candidate(contact, at.candidate);
        at.path.add(candidate);
        if (merged != null && merged != at.path) {
          merged.add(candidate);
        }
      }
    }
  }

  /** A node takes long: another may be asked meanwhile. */
  void late(Contact contact) {
    Asked at = byEndpoint.get(contact.endpoint());
    if (at != null && at.candidate.state == State.ASKED) {
      at.path.become(at.candidate, State.LATE);
    }
  }

  /** A node will not answer any more. */
  void failed(Contact contact) {
    Asked at = byEndpoint.get(contact.endpoint());
    if (at != null && (at.candidate.state == State.ASKED || at.candidate.state == State.LATE)) {
      at.path.become(at.candidate, State.FAILED);
      at.candidate.blame(1);
    }
  }

  /** Whoever is far from all others hears everything late, so the late are waited for. */
  boolean done() {
    return merged != null
        && paths.stream().allMatch(Path::quiet)
        && byEndpoint.values().stream().noneMatch(a -> a.candidate.state == State.LATE);
  }

  /** The nearest that have answered, nearest first, two of one network at most. */
  List<Contact> closest(int count) {
    List<Contact> nearest = new ArrayList<>();
    Map<Long, Integer> networks = new HashMap<>();
    byEndpoint.values().stream()
        .map(Asked::candidate)
        .filter(c -> c.state == State.ANSWERED)
        .sorted(this::order)
        .map(c -> c.contact)
        .forEach(
            contact -> {
              boolean counts = contact.endpoint().isPublic();
              int same = networks.merge(contact.endpoint().network(), 1, Integer::sum);
              if (nearest.size() < count && (!counts || same <= 2)) {
                nearest.add(contact);
              }
            });
    return nearest;
  }

  private int order(Candidate a, Candidate b) {
    int order = target.compareDistance(a.contact.position(), b.contact.position());
    return order != 0 ? order : a.contact.nodeId().compareTo(b.contact.nodeId());
  }
}
