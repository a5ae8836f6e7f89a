package live.banyan.node.control;

import java.util.List;
import java.util.function.Predicate;
import live.banyan.node.control.LocalStream.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether somebody at this node takes a relayed stream, and what the relay tree is told of it.
 * Owned by the control thread.
 */
final class Demand {
  private static final Logger log = LoggerFactory.getLogger(Demand.class);

  /** Between a request's answer and its subscription: who has just asked will come. */
  private static final long FRESH_MS = 2_000;

  /** After the tree has given up; meanwhile a node may have got a free slot. */
  private static final long ASK_AGAIN_MS = 1_000;

  private final ControlThread control;
  private final Overlay overlay;
  private final List<String> pinned;
  private final Predicate<LocalStream> held;

  /**
   * @param pinned streams that this node carries although nobody here watches
   * @param held whether the node still holds a stream
   */
  Demand(ControlThread control, Overlay overlay, List<String> pinned, Predicate<LocalStream> held) {
    this.control = control;
    this.overlay = overlay;
    this.pinned = List.copyOf(pinned);
    this.held = held;
  }

  boolean isPinned(String name) {
    return pinned.contains(name);
  }

  /** Asks the tree for a parent, for somebody who is about to come. */
  void want(LocalStream stream) {
    stream.wanted = true;
    stream.wantedAtMs = System.currentTimeMillis();
    overlay
        .want(stream.name)
        .whenComplete(
            (refusal, failure) -> {
              String why = failure == null ? refusal : String.valueOf(failure.getMessage());
              if (!why.isEmpty()) {
                control.execute(() -> noParent(stream, why));
              }
            });
  }

  void unwant(LocalStream stream) {
    stream.wanted = false;
    overlay.unwant(stream.name);
  }

  /** Asks the tree, where it has not been asked, for those who take the stream now. */
  void tell(LocalStream stream) {
    if (stream.role == Role.RELAY && !stream.wanted && isTaken(stream)) {
      want(stream);
    }
  }

  /** The tree has given up; as long as somebody here waits it is asked again. */
  private void noParent(LocalStream stream, String why) {
    log.warn("stream {}: no parent: {}", stream.name, why);
    stream.wanted = false;
    control.after(
        ASK_AGAIN_MS,
        () -> {
          if (held.test(stream) && stream.live) {
            tell(stream);
          }
        });
  }

  /**
   * Takes back what nobody stands behind any more.
   *
   * @return whether the stream was wanted until now
   */
  boolean review(LocalStream stream, long nowMs) {
    if (isTaken(stream)) {
      return true;
    }
    boolean was = stream.wanted;
    if (was && nowMs - stream.wantedAtMs > FRESH_MS) {
      unwant(stream);
    }
    return was;
  }

  private boolean isTaken(LocalStream stream) {
    return !stream.viewers.isEmpty() || isPinned(stream.name);
  }
}
