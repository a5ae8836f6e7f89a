package live.banyan.mesh.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import live.banyan.mesh.wire.TreeMessage;

/** One step of a machine: the moment, what is known, and the actions so far. */
final class Step {
  static final long MS = 1_000_000L;
  static final long NEVER = Long.MAX_VALUE;

  final long nowNs;
  final RandomGenerator random;
  final Surroundings around;
  final List<TreeAction> actions = new ArrayList<>();

  Step(long nowNs, RandomGenerator random, Surroundings around) {
    this.nowNs = nowNs;
    this.random = random;
    this.around = around;
  }

  void act(TreeAction action) {
    actions.add(action);
  }

  void send(String to, TreeMessage message) {
    actions.add(new TreeAction.Send(to, message));
  }

  void count(TreeAction.Count what) {
    actions.add(new TreeAction.Counted(what));
  }

  long after(long delayNs) {
    return nowNs + delayNs;
  }

  boolean due(long deadlineNs) {
    return nowNs >= deadlineNs;
  }
}
