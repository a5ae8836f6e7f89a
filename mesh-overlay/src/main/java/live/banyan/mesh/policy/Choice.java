package live.banyan.mesh.policy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Channels and streams: {@code channel} stands for all of a channel, {@code channel/name} for one
 * stream, and a name without a channel for that stream of a site. Immutable.
 */
public final class Choice {
  /** Nothing. */
  public static final Choice NONE = new Choice(List.of());

  /** Most entries. */
  public static final int ENTRIES_MAX = 10_000;

  private final Set<String> entries;

  /** These; more than {@link #ENTRIES_MAX} are refused. */
  public Choice(List<String> entries) {
    if (entries.size() > ENTRIES_MAX) {
      throw new IllegalArgumentException(entries.size() + " channels are more than " + ENTRIES_MAX);
    }
    this.entries = new TreeSet<>(entries);
  }

  /** Whether a stream is among them. */
  public boolean includes(String stream) {
    if (entries.contains(stream)) {
      return true;
    }
    int slash = stream.indexOf('/');
    return slash > 0 && entries.contains(stream.substring(0, slash));
  }

  /** The entries, in order. */
  public List<String> entries() {
    return List.copyOf(entries);
  }
}
