package live.banyan.mesh.kademlia;

import java.util.List;
import live.banyan.mesh.wire.Endpoint;

/**
 * What nodes say to each other about the table. Every answer repeats the number of its question.
 */
public sealed interface DhtMessage {
  /** Chosen at random by whoever asks, 0 or more: who does not see the question cannot answer. */
  long number();

  /**
   * Which nodes are near a target, and which records lie there?
   *
   * @param fromId the asker's id; empty for one that cannot be asked, behind NAT
   * @param token from an earlier answer, 0 for none
   * @param padded as long as any answer, since the asker has no token to show
   */
  record Find(long number, String fromId, Point target, long token, boolean padded)
      implements DhtMessage {}

  /** Keep this record; only with a token. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
  record Store(long number, String fromId, long token, byte[] record) implements DhtMessage {}

  /**
   * Answers FIND; signed by its sender.
   *
   * @param fromId who has signed it
   * @param at the address that the sender says it has; an answer from elsewhere was passed on
   * @param seen the asker's address as the sender sees it
   * @param token to be shown from that address
   */
  record Found(
      long number,
      String fromId,
      Endpoint at,
      Endpoint seen,
      long token,
      List<Contact> contacts,
      List<byte[]> records)
      implements DhtMessage {}

  /** Ask again with this token, or longer: the answer would be longer than the question. */
  record Token(long number, long token) implements DhtMessage {}

  /** Answers STORE. */
  record Stored(long number, boolean kept) implements DhtMessage {}

  /** Answers a message of a version that is not spoken here: these are. */
  record Versions(long number, int lowest, int highest) implements DhtMessage {}

  /** A message of a version that is not spoken here. */
  record OtherVersion(long number, int version) implements DhtMessage {}
}
