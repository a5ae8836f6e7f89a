package live.banyan.node.control;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import live.banyan.mesh.RelayMedia;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The relay tree's hands: opens and closes relays on the control thread. Safe from any thread. */
final class RelayBinding implements RelayMedia {
  private static final Logger log = LoggerFactory.getLogger(RelayBinding.class);

  /** The control thread answers within microseconds; this only ends a wait during shutdown. */
  private static final long WAIT_MAX_MS = 1_000;

  private final ControlThread control;
  private final Streams streams;
  private final Positions positions;

  RelayBinding(ControlThread control, Streams streams, Positions positions) {
    this.control = control;
    this.streams = streams;
    this.positions = positions;
  }

  private <T> T now(Supplier<T> task, T otherwise) {
    if (control.isCurrent()) {
      return task.get();
    }
    try {
      return control.call(task).toCompletableFuture().get(WAIT_MAX_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return otherwise;
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the control thread did not answer the relay tree: {}", e.toString());
      return otherwise;
    }
  }

  @Override
  public byte[] openChild(String childId, String stream, byte[] from) {
    return now(
        () ->
            streams
                .openChild(childId, stream, Positions.decode(from))
                .map(LinkDescription::encode)
                .orElse(new byte[0]),
        new byte[0]);
  }

  @Override
  public void closeChild(String childId, String stream) {
    control.execute(() -> streams.closeChild(childId, stream));
  }

  @Override
  public void attachParent(String parentId, String stream, long epoch, byte[] description) {
    LinkDescription.decode(description)
        .ifPresentOrElse(
            link -> control.execute(() -> streams.attachParent(parentId, stream, link)),
            () -> log.warn("stream {}: a parent's description cannot be read", stream));
  }

  @Override
  public void detachParent(String parentId, String stream) {
    control.execute(() -> streams.detachParent(parentId, stream));
  }

  @Override
  public byte[] positions(String stream) {
    return now(() -> positions.of(streams.get(stream)), new byte[0]);
  }

  @Override
  public void orphaned(String stream) {
    log.warn("stream {}: no parent can be found now; trying on", stream);
  }
}
