package live.banyan.mesh.kademlia;

import live.banyan.mesh.record.StoredRecord;
import live.banyan.mesh.wire.Endpoint;

/** What a node's part of the table asks its driver to do, in order. */
public sealed interface DhtAction {
  /** Send a message. */
  record Send(Endpoint to, DhtMessage message) implements DhtAction {}

  /** A GET has found a record; a later one of the same writer may follow. */
  record Found(long id, StoredRecord record) implements DhtAction {}

  /** A GET or PUT has ended: with so many records found, or nodes that keep the record. */
  record Finished(long id, int count) implements DhtAction {}

  /** Something worth counting has happened. */
  record Counted(Count what) implements DhtAction {}

  /** What is counted. */
  enum Count {
    QUESTION,
    UNANSWERED,
    ANSWER_UNASKED,
    ANSWER_FROM_ELSEWHERE,
    RATE_LIMITED,
    TOKEN_DEMANDED,
    RECORD_KEPT,
    RECORD_REFUSED,
    RECORD_NO_ROOM,
    BUSY,
    OTHER_VERSION
  }
}
