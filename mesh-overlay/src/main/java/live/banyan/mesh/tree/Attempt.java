package live.banyan.mesh.tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/** One candidate that is asked for a place: repeated until answered, or given up within a bound. */
final class Attempt {
  /** In the newest version; whoever has not answered then may know only the oldest. */
  private static final int NEWEST_SENDS = 2;

  /**
   * A parent's yes, complete.
   *
   * @param newest the parent speaks the newest version
   */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes on their way
  record Offer(
      String parentId,
      long attempt,
      long epoch,
      List<String> path,
      byte[] description,
      boolean newest) {}

  final String target;
  final long id;
  final long resendNs;
  boolean asked;
  boolean pending;
  int sends;
  long deadlineNs;

  /** What was answered was said in the newest version. */
  private boolean newest;

  private final Map<Integer, byte[]> parts = new HashMap<>();

  Attempt(String target, long id, long resendNs) {
    this.target = target;
    this.id = id;
    this.resendNs = resendNs;
  }

  /** Whether the next JOIN is said in the newest version. */
  boolean saysNewest() {
    return newest || sends <= NEWEST_SENDS;
  }

  void answered() {
    newest |= sends <= NEWEST_SENDS;
  }

  /** The offer, when this was its last missing part. */
  @Nullable Offer accepted(TreeMessage.Accept message) {
    answered();
    parts.put(message.part(), message.description());
    if (parts.size() < message.parts()) {
      return null;
    }
    int length = parts.values().stream().mapToInt(part -> part.length).sum();
    byte[] description = new byte[length];
    int offset = 0;
    for (int i = 0; i < message.parts(); i++) {
      byte[] part = parts.getOrDefault(i, new byte[0]);
      System.arraycopy(part, 0, description, offset, part.length);
      offset += part.length;
    }
    return new Offer(target, id, message.epoch(), message.path(), description, newest);
  }
}
