package live.banyan.mesh.wire;

import java.util.Arrays;
import java.util.List;

/**
 * What the two ends of a relay say about one stream. A message is one unreliable datagram: each is
 * idempotent, and whoever needs an answer asks again. Paths and candidates are node ids; a path
 * goes from the ingest to the sender, both included.
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
public sealed interface TreeMessage extends Decoded {
  /** {@code channel/name}, two segments of 64. */
  int STREAM_CHARS_MAX = 129;

  /** Deepest tree; a node at the end of such a path takes no child. */
  int PATH_MAX = 24;

  /** Candidates in one message. */
  int CANDIDATES_MAX = 8;

  /** Positions beyond this do not fit beside the rest of JOIN. */
  int POSITIONS_BYTES_MAX = 700;

  /** Bytes of a description in one ACCEPT. */
  int DESCRIPTION_PART_BYTES = 450;

  /** Children of one node, and places below it, that anybody may claim. */
  int ROOM_MAX = 1_000_000;

  /** Parts of one description. */
  int DESCRIPTION_PARTS_MAX = 16;

  String stream();

  /**
   * A child asks for a place; resent until answered.
   *
   * @param epoch the epoch that the child wants, as the directory told it
   * @param attempt chosen by the child, grows; answers repeat it
   * @param positions of that epoch, for replay; empty for a newcomer
   * @param degree children that the joiner could serve, at most {@link #ROOM_MAX}; -1 where it does
   *     not say, as in version 1
   * @param lost the joiner has lost its parent; false in version 1
   */
  record Join(String stream, long epoch, long attempt, byte[] positions, int degree, boolean lost)
      implements TreeMessage {
    /** A JOIN of version 1. */
    public Join(String stream, long epoch, long attempt, byte[] positions) {
      this(stream, epoch, attempt, positions, -1, false);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Join j
          && stream.equals(j.stream)
          && epoch == j.epoch
          && attempt == j.attempt
          && degree == j.degree
          && lost == j.lost
          && Arrays.equals(positions, j.positions);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(attempt) * 31 + stream.hashCode();
    }
  }

  /**
   * A parent has opened the relay. Large descriptions come in parts, and a lost part comes again
   * with the answer to the repeated JOIN.
   */
  record Accept(
      String stream,
      long epoch,
      long attempt,
      List<String> path,
      int part,
      int parts,
      byte[] description)
      implements TreeMessage {
    @Override
    public boolean equals(Object o) {
      return o instanceof Accept a
          && stream.equals(a.stream)
          && epoch == a.epoch
          && attempt == a.attempt
          && path.equals(a.path)
          && part == a.part
          && parts == a.parts
          && Arrays.equals(description, a.description);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(attempt) * 31 + stream.hashCode();
    }
  }

  /** The parent is joining itself and answers as soon as it has the stream. */
  record Pending(String stream, long attempt) implements TreeMessage {}

  /** The parent is full; these may have room. */
  record Redirect(String stream, long attempt, List<String> candidates) implements TreeMessage {}

  /**
   * No place here.
   *
   * @param attempt 0 when it answers no JOIN: the sender ends, or denies, a relay
   */
  record Reject(String stream, long attempt, Reason reason) implements TreeMessage {}

  /**
   * The child is there; every two seconds. The parent answers with {@link Path}.
   *
   * @param degree as in {@link Join}
   * @param room places for more children at the child and below it, at most {@link #ROOM_MAX}; -1
   *     where it does not say, as in version 1
   */
  record Keep(String stream, long epoch, int degree, int room) implements TreeMessage {
    /** A KEEP of version 1. */
    public Keep(String stream, long epoch) {
      this(stream, epoch, -1, -1);
    }
  }

  /** Where the parent stands now, and that it has the stream. */
  record Path(String stream, long epoch, List<String> path) implements TreeMessage {}

  /** The parent lost its own parent and looks for another: stay, it is quicker. */
  record UpstreamLost(String stream, long epoch) implements TreeMessage {}

  /**
   * The child goes; resent until {@link Left}.
   *
   * @param attempt of the JOIN that opened the relay, so that a late LEAVE ends no later relay
   */
  record Leave(String stream, long attempt) implements TreeMessage {}

  /** Answers {@link Leave}. */
  record Left(String stream, long attempt) implements TreeMessage {}

  /**
   * To the parent: the sender's slot no longer counts, a child of the sender may take it. To a
   * child: move, best to one of the candidates. Resent until {@link DrainingSeen}.
   *
   * @param candidates to the parent: the sender's children; to a child: places to try first
   */
  record Draining(String stream, List<String> candidates) implements TreeMessage {}

  /** Answers {@link Draining}. */
  record DrainingSeen(String stream) implements TreeMessage {}

  /**
   * Could the sender come here? Answered by {@link ProbeOk}, or {@link Reject} with the nonce for
   * its attempt. Not in version 1.
   *
   * @param nonce another for each, so that the answer tells the round trip
   * @param degree and {@code lost}: as a {@link Join} would say them
   */
  record Probe(String stream, long nonce, int degree, boolean lost) implements TreeMessage {}

  /**
   * What a {@link Join} would find now; nothing is kept for it. Not in version 1.
   *
   * @param room places that the sender of the probe could take; at most {@link #ROOM_MAX}
   * @param elsewhere who may have room where there is none here
   */
  record ProbeOk(
      String stream, long nonce, long epoch, List<String> path, int room, List<String> elsewhere)
      implements TreeMessage {}

  /** Why a parent says no; the code is the wire's. */
  enum Reason {
    /** The node does not have this stream, or not in this epoch. */
    NOT_CARRIED(1),
    /** It has lost its own parent. */
    NOT_FLOWING(2),
    /** No slot, and nobody to name. */
    FULL(3),
    /** The child stands in the parent's own path. */
    LOOP(4),
    /** The path would be longer than {@link #PATH_MAX}. */
    TOO_DEEP(5),
    /** The node is going down. */
    DRAINING(6),
    /** The sender of KEEP has no slot here. */
    NOT_A_CHILD(7);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Reason of(long code) throws MalformedException {
      for (Reason reason : values()) {
        if (reason.code == code) {
          return reason;
        }
      }
      throw new MalformedException("reason " + code);
    }
  }
}
