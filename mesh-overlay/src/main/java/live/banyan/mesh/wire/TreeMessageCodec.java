package live.banyan.mesh.wire;

import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.wire.TreeMessage.Accept;
import live.banyan.mesh.wire.TreeMessage.Draining;
import live.banyan.mesh.wire.TreeMessage.DrainingSeen;
import live.banyan.mesh.wire.TreeMessage.Join;
import live.banyan.mesh.wire.TreeMessage.Keep;
import live.banyan.mesh.wire.TreeMessage.Leave;
import live.banyan.mesh.wire.TreeMessage.Left;
import live.banyan.mesh.wire.TreeMessage.Path;
import live.banyan.mesh.wire.TreeMessage.Pending;
import live.banyan.mesh.wire.TreeMessage.Probe;
import live.banyan.mesh.wire.TreeMessage.ProbeOk;
import live.banyan.mesh.wire.TreeMessage.Reason;
import live.banyan.mesh.wire.TreeMessage.Redirect;
import live.banyan.mesh.wire.TreeMessage.Reject;
import live.banyan.mesh.wire.TreeMessage.UpstreamLost;

/**
 * Tree messages as bytes: a version byte, then the CBOR array {@code [type, stream, fields...]}. At
 * most {@link LinkTransport#MESSAGE_BYTES_MAX} bytes.
 *
 * <p>A message is said in the lowest version that has all of it, and who does not know a version
 * drops the message. Nodes come to a version of each other's without a word for it: a JOIN is said
 * in the newest version twice and then in the oldest, and what was answered is what is spoken.
 */
public final class TreeMessageCodec {
  /** The newest version that this program understands. */
  public static final byte VERSION = 2;

  /** The oldest one. */
  public static final byte VERSION_MIN = 1;

  private static final int JOIN = 1;
  private static final int ACCEPT = 2;
  private static final int PENDING = 3;
  private static final int REDIRECT = 4;
  private static final int REJECT = 5;
  private static final int KEEP = 6;
  private static final int PATH = 7;
  private static final int UPSTREAM_LOST = 8;
  private static final int LEAVE = 9;
  private static final int LEFT = 10;
  private static final int DRAINING = 11;
  private static final int DRAINING_SEEN = 12;
  private static final int PROBE = 13;
  private static final int PROBE_OK = 14;

  private TreeMessageCodec() {}

  /**
   * Encodes a message.
   *
   * @throws IllegalArgumentException when it is longer than a datagram takes, or a node id is none
   */
  public static byte[] encode(TreeMessage message) {
    byte[] body = body(message);
    if (1 + body.length > LinkTransport.MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException(
          message.getClass().getSimpleName() + " of " + body.length + " bytes does not fit");
    }
    byte[] bytes = new byte[1 + body.length];
    bytes[0] = version(message);
    System.arraycopy(body, 0, bytes, 1, body.length);
    return bytes;
  }

  private static byte[] body(TreeMessage message) {
    CborWriter out =
        switch (message) {
          case Join m when m.degree() >= 0 -> join(7, m).number(m.degree()).flag(m.lost());
          case Join m -> join(5, m);
          case Accept m ->
              head(8, ACCEPT, m)
                  .number(m.epoch())
                  .number(m.attempt())
                  .nodeIds(m.path())
                  .number(m.part())
                  .number(m.parts())
                  .bytes(m.description());
          case Pending m -> head(3, PENDING, m).number(m.attempt());
          case Redirect m -> head(4, REDIRECT, m).number(m.attempt()).nodeIds(m.candidates());
          case Reject m -> head(4, REJECT, m).number(m.attempt()).number(m.reason().code());
          case Keep m when m.degree() >= 0 ->
              head(5, KEEP, m).number(m.epoch()).number(m.degree()).number(m.room());
          case Keep m -> head(3, KEEP, m).number(m.epoch());
          case Path m -> head(4, PATH, m).number(m.epoch()).nodeIds(m.path());
          case UpstreamLost m -> head(3, UPSTREAM_LOST, m).number(m.epoch());
          case Leave m -> head(3, LEAVE, m).number(m.attempt());
          case Left m -> head(3, LEFT, m).number(m.attempt());
          case Draining m -> head(3, DRAINING, m).nodeIds(m.candidates());
          case DrainingSeen m -> head(2, DRAINING_SEEN, m);
          case Probe m -> head(5, PROBE, m).number(m.nonce()).number(m.degree()).flag(m.lost());
          case ProbeOk m ->
              head(7, PROBE_OK, m)
                  .number(m.nonce())
                  .number(m.epoch())
                  .nodeIds(m.path())
                  .number(m.room())
                  .nodeIds(m.elsewhere());
        };
    return out.finish();
  }

  private static CborWriter join(int size, Join m) {
    return head(size, JOIN, m).number(m.epoch()).number(m.attempt()).bytes(m.positions());
  }

  /** The lowest that has all of the message: a node of the version before understands the most. */
  private static byte version(TreeMessage message) {
    boolean second =
        (message instanceof Join join && join.degree() >= 0)
            || (message instanceof Keep keep && keep.degree() >= 0)
            || message instanceof Probe
            || message instanceof ProbeOk;
    return second ? VERSION : VERSION_MIN;
  }

  private static CborWriter head(int size, int type, TreeMessage message) {
    return new CborWriter(size).number(type).text(message.stream());
  }

  /** Decodes whatever came: a message, or the one value that says it was none. */
  public static Decoded decode(byte[] bytes) {
    if (bytes.length < 2 || bytes.length > LinkTransport.MESSAGE_BYTES_MAX) {
      return new Decoded.Malformed("length " + bytes.length);
    }
    if (bytes[0] < VERSION_MIN || bytes[0] > VERSION) {
      return new Decoded.Malformed("version " + bytes[0]);
    }
    try {
      byte[] body = new byte[bytes.length - 1];
      System.arraycopy(bytes, 1, body, 0, body.length);
      CborReader in = new CborReader(body);
      long type = in.number(0, Byte.MAX_VALUE);
      String stream = in.text(TreeMessage.STREAM_CHARS_MAX);
      TreeMessage message =
          bytes[0] == VERSION_MIN
              ? fields((int) type, stream, in)
              : fieldsOfVersion2((int) type, stream, in);
      in.end();
      return message;
    } catch (MalformedException e) {
      return new Decoded.Malformed(String.valueOf(e.getMessage()));
    }
  }

  private static TreeMessage fields(int type, String stream, CborReader in)
      throws MalformedException {
    return switch (type) {
      case JOIN ->
          new Join(stream, count(in), count(in), in.bytes(TreeMessage.POSITIONS_BYTES_MAX));
      case ACCEPT -> accept(stream, in);
      case PENDING -> new Pending(stream, count(in));
      case REDIRECT -> new Redirect(stream, count(in), in.nodeIds(TreeMessage.CANDIDATES_MAX));
      case REJECT -> new Reject(stream, count(in), Reason.of(count(in)));
      case KEEP -> new Keep(stream, count(in));
      case PATH -> new Path(stream, count(in), in.nodeIds(TreeMessage.PATH_MAX));
      case UPSTREAM_LOST -> new UpstreamLost(stream, count(in));
      case LEAVE -> new Leave(stream, count(in));
      case LEFT -> new Left(stream, count(in));
      case DRAINING -> new Draining(stream, in.nodeIds(TreeMessage.CANDIDATES_MAX));
      case DRAINING_SEEN -> new DrainingSeen(stream);
      default -> throw new MalformedException("type " + type);
    };
  }

  /** What has changed with version 2; all else is said in version 1. */
  private static TreeMessage fieldsOfVersion2(int type, String stream, CborReader in)
      throws MalformedException {
    return switch (type) {
      case JOIN ->
          new Join(
              stream,
              count(in),
              count(in),
              in.bytes(TreeMessage.POSITIONS_BYTES_MAX),
              room(in),
              in.flag());
      case KEEP -> new Keep(stream, count(in), room(in), room(in));
      case PROBE -> new Probe(stream, count(in), room(in), in.flag());
      case PROBE_OK -> probeOk(stream, in);
      default -> throw new MalformedException("type " + type + " in version 2");
    };
  }

  private static ProbeOk probeOk(String stream, CborReader in) throws MalformedException {
    ProbeOk answer =
        new ProbeOk(
            stream,
            count(in),
            count(in),
            in.nodeIds(TreeMessage.PATH_MAX),
            room(in),
            in.nodeIds(TreeMessage.CANDIDATES_MAX));
    if (answer.path().isEmpty()) {
      throw new MalformedException("PROBE_OK without a path");
    }
    return answer;
  }

  private static int room(CborReader in) throws MalformedException {
    return (int) in.number(0, TreeMessage.ROOM_MAX);
  }

  private static Accept accept(String stream, CborReader in) throws MalformedException {
    Accept accept =
        new Accept(
            stream,
            count(in),
            count(in),
            in.nodeIds(TreeMessage.PATH_MAX),
            (int) in.number(0, TreeMessage.DESCRIPTION_PARTS_MAX - 1L),
            (int) in.number(1, TreeMessage.DESCRIPTION_PARTS_MAX),
            in.bytes(TreeMessage.DESCRIPTION_PART_BYTES));
    if (accept.part() >= accept.parts() || accept.path().isEmpty()) {
      throw new MalformedException("ACCEPT contradicts itself");
    }
    return accept;
  }

  private static long count(CborReader in) throws MalformedException {
    return in.number(0, Long.MAX_VALUE);
  }
}
