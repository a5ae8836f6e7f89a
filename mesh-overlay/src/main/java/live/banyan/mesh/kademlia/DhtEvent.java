package live.banyan.mesh.kademlia;

import java.util.List;
import live.banyan.mesh.wire.Endpoint;

/** What can happen to a node's part of the table. */
public sealed interface DhtEvent {
  /** Become part of the table, through these; again after all contacts are lost. */
  record Join(List<Endpoint> bootstraps) implements DhtEvent {
    public Join {
      bootstraps = List.copyOf(bootstraps);
    }
  }

  /**
   * Find records.
   *
   * @param id given back in what follows
   * @param enough end when so many different records have been found
   */
  record Get(long id, Point target, int enough) implements DhtEvent {}

  /** Have a record kept by the nodes nearest to its target. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
  record Put(long id, Point target, byte[] record) implements DhtEvent {}

  /**
   * A message came.
   *
   * @param bytes length of the datagram: nobody gets a longer answer who has not shown a token
   */
  record Heard(Endpoint from, DhtMessage message, int bytes) implements DhtEvent {}

  /** Time has passed; due at {@link Kademlia#wakeNs}. */
  record Tick() implements DhtEvent {}
}
