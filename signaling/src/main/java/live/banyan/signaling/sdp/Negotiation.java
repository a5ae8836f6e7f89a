package live.banyan.signaling.sdp;

import java.util.List;
import java.util.Optional;
import live.banyan.signaling.port.MediaPlane.RemoteSession;

/** Outcome of reading an offer. */
public sealed interface Negotiation {
  /** An answer is possible; {@link AnswerWriter} makes it once the media plane has its side. */
  final class Agreed implements Negotiation {
    private final SessionDescription offer;
    private final RemoteSession remote;
    private final List<AnswerSection> sections;
    private final boolean bundled;
    private final boolean towardsViewer;

    Agreed(
        SessionDescription offer,
        RemoteSession remote,
        List<AnswerSection> sections,
        boolean bundled,
        boolean towardsViewer) {
      this.offer = offer;
      this.remote = remote;
      this.sections = List.copyOf(sections);
      this.bundled = bundled;
      this.towardsViewer = towardsViewer;
    }

    /** What the media plane needs to know of the far end. */
    public RemoteSession remote() {
      return remote;
    }

    /** The section that carries the transport: the answer's first accepted one. */
    public Tag tag() {
      for (AnswerSection section : sections) {
        if (!(section instanceof AnswerSection.Declined)) {
          return new Tag(section.offered().kind(), section.offered().attribute("mid"));
        }
      }
      throw new IllegalStateException("an agreed answer has an accepted section");
    }

    SessionDescription offer() {
      return offer;
    }

    List<AnswerSection> sections() {
      return sections;
    }

    boolean bundled() {
      return bundled;
    }

    boolean towardsViewer() {
      return towardsViewer;
    }
  }

  /** Kind and mid of the section that stands for the transport in trickle fragments. */
  record Tag(String kind, Optional<String> mid) {}

  /**
   * No answer.
   *
   * @param sentence says what to change
   */
  record Rejected(Cause cause, String sentence) implements Negotiation {}

  /** Why there is no answer. */
  enum Cause {
    /** The offer breaks SDP, ICE or DTLS rules. */
    INVALID,
    /** A sound offer that this program has no answer to. */
    UNSUPPORTED,
    /** No codec that both ends speak. */
    NO_COMMON_CODEC
  }
}
