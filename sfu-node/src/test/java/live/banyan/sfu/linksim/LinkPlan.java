package live.banyan.sfu.linksim;

import java.util.List;
import java.util.function.LongConsumer;

/** Flows that share one link, in steps of a millisecond of virtual time. */
final class LinkPlan {
  static final long MS = 1_000_000L;

  final SimulatedLink<Flow.Packet> forward;
  final SimulatedLink<Flow.Packet> back;
  private final List<Flow> flows;
  long nowNs = 1_000 * MS;

  LinkPlan(SimulatedLink<Flow.Packet> forward, SimulatedLink<Flow.Packet> back, Flow... flows) {
    this.forward = forward;
    this.back = back;
    this.flows = List.of(flows);
  }

  /** Lets time pass; {@code each} sees every millisecond. */
  void run(long ns, LongConsumer each) {
    long end = nowNs + ns;
    for (; nowNs < end; nowNs += MS) {
      step();
      each.accept(nowNs);
    }
  }

  void run(long ns) {
    run(ns, now -> {});
  }

  private void step() {
    for (Flow flow : flows) {
      flow.tick(forward, nowNs, MS);
    }
    for (Flow.Packet p = forward.poll(nowNs); p != null; p = forward.poll(nowNs)) {
      p.flow().receive(p, nowNs);
    }
    for (Flow flow : flows) {
      flow.report(back, nowNs);
    }
    for (Flow.Packet p = back.poll(nowNs); p != null; p = back.poll(nowNs)) {
      p.flow().onFeedback(p.feedback(), nowNs);
    }
  }
}
