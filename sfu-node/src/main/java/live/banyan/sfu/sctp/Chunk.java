package live.banyan.sfu.sctp;

import java.util.List;

/** The chunks of RFC 9260 §3.3, RFC 3758 §3.2 and RFC 6525 §3.1, as far as they are used. */
sealed interface Chunk {
  int DATA = 0;
  int INIT = 1;
  int INIT_ACK = 2;
  int SACK = 3;
  int HEARTBEAT = 4;
  int HEARTBEAT_ACK = 5;
  int ABORT = 6;
  int SHUTDOWN = 7;
  int SHUTDOWN_ACK = 8;
  int ERROR = 9;
  int COOKIE_ECHO = 10;
  int COOKIE_ACK = 11;
  int SHUTDOWN_COMPLETE = 14;
  int RECONFIG = 130;
  int FORWARD_TSN = 192;

  /** A fragment of a message, never empty. */
  record Data(
      int tsn,
      int stream,
      int ssn,
      int ppid,
      boolean unordered,
      boolean begin,
      boolean end,
      boolean immediate,
      byte[] payload)
      implements Chunk {}

  /**
   * INIT, or INIT ACK where it is the answer.
   *
   * @param window advertised receiver window in bytes, unsigned
   * @param cookie empty in an INIT
   * @param forwardTsn whether the sender knows partial reliability
   * @param reconfig whether the sender knows stream resets
   */
  record Init(
      boolean ack,
      int tag,
      int window,
      int outStreams,
      int inStreams,
      int initialTsn,
      byte[] cookie,
      boolean forwardTsn,
      boolean reconfig)
      implements Chunk {}

  /**
   * @param gaps first and last offset from {@code cumulative} of each block, one after the other
   */
  record Sack(int cumulative, int window, int[] gaps, int[] duplicates) implements Chunk {}

  /**
   * HEARTBEAT or its ACK.
   *
   * @param info all parameters, as they stand
   */
  record Heartbeat(boolean ack, byte[] info) implements Chunk {}

  /**
   * @param reflected the T bit: the verification tag is the receiver's own peer's
   * @param cause the first error cause; 0 without
   */
  record Abort(boolean reflected, int cause) implements Chunk {}

  record Shutdown(int cumulative) implements Chunk {}

  record ShutdownAck() implements Chunk {}

  record ShutdownComplete(boolean reflected) implements Chunk {}

  record Failure(int cause) implements Chunk {}

  record CookieEcho(byte[] cookie) implements Chunk {}

  record CookieAck() implements Chunk {}

  /** At most two parameters (RFC 6525 §3.1). */
  record Reconfig(List<Reset> parameters) implements Chunk {}

  record ForwardTsn(int cumulative, int[] streams, int[] ssns) implements Chunk {}

  /** Of a type that this program does not know; its upper two bits say what to do (§3.2). */
  record Unknown(int type) implements Chunk {}

  /** A parameter of RECONFIG (RFC 6525 §4). */
  sealed interface Reset {
    int OUTGOING = 13;
    int INCOMING = 14;
    int RESPONSE = 16;

    /** The sender has reset its outgoing streams; none named means all. */
    record Outgoing(int request, int response, int lastTsn, int[] streams) implements Reset {}

    /** The sender asks the receiver to reset its outgoing streams; none named means all. */
    record Incoming(int request, int[] streams) implements Reset {}

    record Response(int request, int result) implements Reset {}

    /** A request that is not granted. */
    record Other(int request) implements Reset {}
  }
}
