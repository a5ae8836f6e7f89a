package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import live.banyan.mesh.wire.Endpoint;

/** One step: the moment, chance, and the actions so far. */
final class DhtStep {
  final long nowNs;
  final RandomGenerator random;
  final List<DhtAction> actions = new ArrayList<>();

  DhtStep(long nowNs, RandomGenerator random) {
    this.nowNs = nowNs;
    this.random = random;
  }

  void act(DhtAction action) {
    actions.add(action);
  }

  void send(Endpoint to, DhtMessage message) {
    actions.add(new DhtAction.Send(to, message));
  }

  void count(DhtAction.Count what) {
    actions.add(new DhtAction.Counted(what));
  }
}
