package live.banyan.node.control;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns a node's sessions and streams. Everything that other threads learn (HTTP
 * requests, shard events, handshakes, directory changes) is handed over as a task, so that the
 * state behind needs no lock.
 */
public final class ControlThread implements Executor, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlThread.class);

  /** Tasks that may wait; far above what a healthy node ever sees. */
  private static final int WAITING_MAX = 100_000;

  private final ScheduledThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;

  public ControlThread() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = Thread.ofPlatform().name("banyan-control").daemon().unstarted(task);
              thread = made;
              return made;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Whether the caller is this thread. */
  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    if (executor.getQueue().size() >= WAITING_MAX) {
      throw new RejectedExecutionException("control queue is full");
    }
    executor.execute(guarded(task));
  }

  /** Runs a task here and hands its result to any thread. */
  public <T> CompletionStage<T> call(Supplier<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      execute(
          () -> {
            try {
              result.complete(task.get());
            } catch (RuntimeException e) {
              log.error("a control task failed", e);
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  public ScheduledFuture<?> after(long delayMs, Runnable task) {
    return executor.schedule(guarded(task), delayMs, TimeUnit.MILLISECONDS);
  }

  public void every(long periodMs, Runnable task) {
    executor.scheduleWithFixedDelay(guarded(task), periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("a control task failed", e);
      }
    };
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
