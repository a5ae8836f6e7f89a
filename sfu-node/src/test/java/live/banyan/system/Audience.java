package live.banyan.system;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;

/** A viewer in this process, with the times of its pictures. */
record Audience(Viewer viewer, FrameClock frames) implements AutoCloseable {
  /** Half a second of pictures. */
  private static final int SOME = 15;

  static Audience watch(ClientHost host, URI whep) throws IOException, InterruptedException {
    return watch(host, Viewer.Options.of(whep));
  }

  static Audience watch(ClientHost host, Viewer.Options options)
      throws IOException, InterruptedException {
    FrameClock frames = new FrameClock();
    return switch (Viewer.open(host, options.withFrames(frames))) {
      case Start.Started<Viewer> started -> new Audience(started.session(), frames);
      case Start.Refused<Viewer> refused -> fail(refused.status() + " " + refused.sentence());
      case Start.Failed<Viewer> failed -> fail(failed.sentence());
    };
  }

  WatchReport report() throws InterruptedException {
    return viewer.report();
  }

  /** Waits until half a second of pictures has come since a time. @return this */
  Audience awaitFrames(String what, long sinceNs) throws InterruptedException {
    Eventually.until(what, Program.PATIENCE, () -> frames.since(sinceNs) >= SOME);
    return this;
  }

  @Override
  public void close() {
    viewer.close();
  }
}
