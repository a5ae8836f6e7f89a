package live.banyan.signaling.sdp;

import java.util.Locale;
import java.util.Optional;

/** Direction of an m-section or a header extension, seen by whoever states it (RFC 8866 §6.7). */
public enum Direction {
  SENDRECV(true, true),
  SENDONLY(true, false),
  RECVONLY(false, true),
  INACTIVE(false, false);

  final boolean sends;
  final boolean receives;

  Direction(boolean sends, boolean receives) {
    this.sends = sends;
    this.receives = receives;
  }

  /** As written in SDP. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Direction> parse(String text) {
    for (Direction direction : values()) {
      if (direction.text().equals(text)) {
        return Optional.of(direction);
      }
    }
    return Optional.empty();
  }

  /** The section's direction, else the session's, else sendrecv. */
  static Direction of(SessionDescription description, MediaSection section) {
    for (Direction direction : values()) {
      if (section.has(direction.text())) {
        return direction;
      }
    }
    for (Direction direction : values()) {
      if (description.attribute(direction.text()).isPresent()) {
        return direction;
      }
    }
    return SENDRECV;
  }
}
