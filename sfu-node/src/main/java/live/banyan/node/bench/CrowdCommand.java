package live.banyan.node.bench;

import ch.qos.logback.classic.Level;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import live.banyan.node.Logs;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The crowd of {@code bench join}, in a process of its own. Each line of standard input is a number
 * of viewers who join and leave; when all have, a line says how many got in. Ends with its input.
 */
@Command(name = "crowd", hidden = true)
final class CrowdCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Option(names = "--whep", required = true)
  private URI whep = URI.create("");

  @Option(names = "--at-once", required = true)
  private int atOnce;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logs.toStandardError(false, Level.ERROR);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (ClientHost host = ClientHost.open()) {
      for (String order; (order = orders.readLine()) != null; ) {
        System.out.println(join(host, Integer.parseInt(order)));
        System.out.flush();
      }
    }
    return 0;
  }

  private int join(ClientHost host, int joins) {
    AtomicInteger left = new AtomicInteger(joins);
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < atOnce; i++) {
        crowd.submit(
            () -> {
              while (left.getAndDecrement() > 0) {
                if (joinOnce(host)) {
                  done.incrementAndGet();
                }
              }
              return true;
            });
      }
    }
    return done.get();
  }

  private boolean joinOnce(ClientHost host) throws IOException, InterruptedException {
    if (!(Viewer.open(host, Viewer.Options.of(whep).withoutFrames())
        instanceof Start.Started<Viewer>(Viewer viewer))) {
      return false;
    }
    try (viewer) {
      return viewer.awaitKeys(PATIENCE);
    }
  }
}
