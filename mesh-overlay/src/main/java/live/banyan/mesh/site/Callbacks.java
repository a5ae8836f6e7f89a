package live.banyan.mesh.site;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import live.banyan.mesh.Directory.Change;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread of a directory: listeners are called on it, in order, and on no other. */
final class Callbacks {
  private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

  private final List<BiConsumer<Change, String>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().name("banyan-directory").daemon().unstarted(work));

  void listen(BiConsumer<Change, String> listener) {
    listeners.add(listener);
  }

  /** Runs work on the thread; without effect once closed. */
  void run(Runnable work) {
    try {
      thread.execute(() -> guarded(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("directory is closed");
    }
  }

  void after(long delayMs, Runnable work) {
    try {
      var unused = thread.schedule(() -> guarded(work), delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("directory is closed");
    }
  }

  void every(long periodMs, Runnable work) {
    var unused =
        thread.scheduleWithFixedDelay(
            () -> guarded(work), periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  /** Calls the listeners; on the thread. */
  void tell(List<DirectoryRecords.Told> changes) {
    for (DirectoryRecords.Told told : changes) {
      for (BiConsumer<Change, String> listener : listeners) {
        guarded(() -> listener.accept(told.change(), told.key()));
      }
    }
  }

  void close() {
    thread.shutdownNow();
  }

  /** One listener's bug must not silence the others. */
  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("a directory callback failed", e);
    }
  }
}
