package live.banyan.mesh.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.tree.StreamTree;
import live.banyan.mesh.tree.TreeAction;
import live.banyan.mesh.tree.TreeEvent;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/** Drives one stream's tree: carries out its actions and wakes it in time. */
final class TreeDriver {
  private record Waiting(CompletableFuture<Joined> answer, long sinceNs) {}

  private final String stream;
  private final RelayTree host;
  private final StreamTree tree;
  private final Deque<TreeEvent> events = new ArrayDeque<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private TreeAction.@Nullable Carrying place;
  private int viewers;
  private boolean stepping;
  private long wakeNs = Long.MAX_VALUE;
  private @Nullable Future<?> timer;

  TreeDriver(String stream, RelayTree host) {
    this.stream = stream;
    this.host = host;
    this.tree = new StreamTree(stream, host.self(), host.slots());
  }

  String stream() {
    return stream;
  }

  boolean uses(String nodeId) {
    return tree.uses(nodeId);
  }

  boolean isDrained() {
    return tree.isDrained();
  }

  boolean isOver() {
    return tree.isIdle() && waiting.isEmpty();
  }

  void want(CompletableFuture<Joined> answer) {
    waiting.add(new Waiting(answer, host.nowNs()));
    step(new TreeEvent.Wanted());
  }

  void viewers(int count) {
    if (viewers != count) {
      viewers = count;
      tellDirectory();
    }
  }

  /** The directory has something new on the stream, or nothing any more. */
  void directoryChanged() {
    Optional<StreamRecord> record = host.directory().stream(stream);
    step(
        record.isPresent()
            ? new TreeEvent.StreamSeen(
                record.get().epoch(), record.get().ingestNodeId(), record.get().live())
            : new TreeEvent.StreamGone());
  }

  /** One event, and what it entails. */
  void step(TreeEvent event) {
    events.add(event);
    if (stepping) {
      return;
    }
    stepping = true;
    try {
      for (TreeEvent next = events.poll(); next != null; next = events.poll()) {
        List<TreeAction> actions = tree.step(next, host.neighbours(), host.nowNs(), host.random());
        actions.forEach(this::perform);
      }
    } finally {
      stepping = false;
      events.clear();
      wake();
      host.stepped(this);
    }
  }

  private void wake() {
    long due = tree.wakeNs();
    if (due == wakeNs && timer != null && !timer.isDone()) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    wakeNs = due;
    if (due != Long.MAX_VALUE) {
      timer = host.schedule(() -> step(new TreeEvent.Tick()), due - host.nowNs());
    }
  }

  private void perform(TreeAction action) {
    switch (action) {
      case TreeAction.Connect a -> connect(a.nodeId());
      case TreeAction.Send a -> host.send(a.to(), a.message());
      case TreeAction.SendJoin a -> sendJoin(a);
      case TreeAction.OpenChild a -> {
        byte[] description = host.media().openChild(a.childId(), stream, a.positions());
        if (description.length > 0) {
          host.childOpened(a.childId(), stream);
        }
        events.add(new TreeEvent.ChildOpened(a.childId(), a.attempt(), description));
      }
      case TreeAction.CloseChild a -> {
        host.media().closeChild(a.childId(), stream);
        host.childClosed(a.childId(), stream);
      }
      case TreeAction.AttachParent a ->
          host.media().attachParent(a.parentId(), stream, a.epoch(), a.description());
      case TreeAction.DetachParent a -> host.media().detachParent(a.parentId(), stream);
      case TreeAction.Orphaned a -> host.media().orphaned(stream);
      case TreeAction.Attached a -> answer(new Joined.Attached(tree.parentId()), true);
      case TreeAction.Refused a -> {
        host.metrics().refused.labelValues(a.reason().name().toLowerCase(Locale.ROOT)).inc();
        answer(new Joined.Refused(a.reason()), false);
      }
      case TreeAction.Carrying a -> {
        place = a;
        tellDirectory();
      }
      case TreeAction.NotCarrying a -> {
        place = null;
        host.directory().removeCarrier(stream);
      }
      case TreeAction.Ended a -> {}
      case TreeAction.Counted a -> host.count(a.what());
    }
  }

  private void connect(String nodeId) {
    if (host.neighbours().isUp(nodeId)) {
      events.add(new TreeEvent.LinkUp(nodeId));
    } else if (!host.neighbours().connect(nodeId, host.nowNs())) {
      events.add(new TreeEvent.LinkDown(nodeId));
    }
  }

  private void sendJoin(TreeAction.SendJoin join) {
    byte[] positions = join.withPositions() ? host.media().positions(stream) : new byte[0];
    if (positions.length > TreeMessage.POSITIONS_BYTES_MAX) {
      host.metrics().dropped.labelValues("positions_too_long").inc();
      positions = new byte[0];
    }
    host.send(
        join.to(),
        new TreeMessage.Join(
            stream, join.epoch(), join.attempt(), positions, join.degree(), join.lost()));
  }

  private void answer(Joined joined, boolean timed) {
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    for (Waiting one : all) {
      if (timed) {
        host.metrics().joinSeconds.observe((host.nowNs() - one.sinceNs()) / 1e9);
      }
      one.answer().complete(joined);
    }
  }

  /** Where this node stands, as the others shall know it. */
  void tellDirectory() {
    TreeAction.Carrying now = place;
    if (now != null) {
      host.directory()
          .putCarrier(
              new CarrierRecord(
                  stream,
                  host.self(),
                  now.epoch(),
                  now.parentId(),
                  now.path(),
                  now.children(),
                  host.slots().free(),
                  viewers));
    }
  }
}
