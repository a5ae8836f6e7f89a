package live.banyan.sfu.sctp;

import java.util.List;

/** What an association wants done, or tells; in order. */
public sealed interface SctpEvent {
  /** Send this packet. */
  record Transmit(byte[] packet) implements SctpEvent {}

  /** The association is up. */
  record Up() implements SctpEvent {}

  /** A whole message. */
  record Received(int stream, int ppid, byte[] data) implements SctpEvent {}

  /** The peer has reset its end of these streams. */
  record PeerReset(List<Integer> streams) implements SctpEvent {}

  /** This end of these streams has been reset, or the peer cannot do that. */
  record ResetDone(List<Integer> streams) implements SctpEvent {}

  /** The last event. */
  record Ended(Reason reason) implements SctpEvent {}

  /** Why an association ended. */
  enum Reason {
    /** Both ends have said good-bye. */
    SHUTDOWN,
    /** Aborted here. */
    ABORTED,
    /** Aborted by the peer. */
    ABORTED_BY_PEER,
    /** The peer has not answered for too long. */
    UNREACHABLE,
    /** The peer broke the protocol, or sent a message above the bound. */
    VIOLATION
  }
}
