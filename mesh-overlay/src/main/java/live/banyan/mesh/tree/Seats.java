package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/** The parents of this node: one, none, or for a moment two. */
final class Seats {
  /** Until it is answered: one lost datagram must not look like a lost parent. */
  private static final long KEEP_RESEND_NS = 400 * MS;

  /** Half a dozen KEEPs without an answer, on a link that is up: the parent has forgotten us. */
  private static final long MUTE_NS = 5_000 * MS;

  private final String stream;
  private final String self;
  private final int degree;
  private final IntSupplier room;

  /** Whom the stream comes from. */
  @Nullable Seat parent;

  /** Who has accepted us and has not sent yet. */
  @Nullable Seat next;

  /**
   * @param degree children that this node could serve
   * @param room places for more at this node and below it
   */
  Seats(String stream, String self, int degree, IntSupplier room) {
    this.degree = Math.min(degree, TreeMessage.ROOM_MAX);
    this.room = room;
    this.stream = stream;
    this.self = self;
  }

  boolean isParent(String nodeId) {
    return parent != null && parent.parentId.equals(nodeId);
  }

  boolean isNext(String nodeId) {
    return next != null && next.parentId.equals(nodeId);
  }

  boolean has(String nodeId) {
    return isParent(nodeId) || isNext(nodeId);
  }

  @Nullable Seat of(String nodeId) {
    return isNext(nodeId) ? next : isParent(nodeId) ? parent : null;
  }

  /** Whether a node stands above this one, by either parent. */
  boolean isAncestor(String nodeId) {
    return (parent != null && parent.path.contains(nodeId))
        || (next != null && next.path.contains(nodeId));
  }

  /**
   * Where this node stands; null without a parent.
   *
   * @param silent the parent's media has stopped
   */
  @Nullable Place place(boolean silent) {
    Seat seat = parent;
    if (seat == null) {
      return null;
    }
    List<String> path = new ArrayList<>(seat.path);
    path.add(self);
    boolean serving = seat.upstreamThere && !(silent && seat.flowing);
    return new Place(seat.epoch, seat.parentId, path, serving);
  }

  /** Says KEEP where it is due. */
  void keep(Step at) {
    keep(at, parent);
    keep(at, next);
  }

  private void keep(Step at, @Nullable Seat seat) {
    if (seat != null && at.due(seat.keepDueNs)) {
      seat.keepDueNs = at.after(KEEP_RESEND_NS);
      at.send(
          seat.parentId,
          seat.newest
              ? new TreeMessage.Keep(stream, seat.epoch, degree, room.getAsInt())
              : new TreeMessage.Keep(stream, seat.epoch));
    }
  }

  /** A parent has said where it stands, or that it stands nowhere. */
  static void heard(Step at, Seat seat) {
    seat.heardNs = at.nowNs;
    seat.keepDueNs = at.after(Upstream.KEEP_PERIOD_NS);
  }

  boolean parentIsMute(Step at) {
    return parent != null && at.nowNs - parent.heardNs >= MUTE_NS;
  }

  long wakeNs() {
    long wake = NEVER;
    if (parent != null) {
      wake = Math.min(parent.keepDueNs, parent.heardNs + MUTE_NS);
    }
    if (next != null) {
      wake = Math.min(wake, Math.min(next.keepDueNs, next.flowDeadlineNs));
    }
    return wake;
  }
}
