package live.banyan.node.bench;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import live.banyan.node.Logs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The flood of {@code bench hostile}, in a process of its own. Each line of standard input is a
 * number of seconds; when they are over, a line says what was sent and what came back. Ends with
 * its input.
 */
@Command(name = "flood", hidden = true)
final class FloodCommand implements Callable<Integer> {
  private static final long TICK_NS = 1_000_000;
  private static final long SECOND_NS = 1_000_000_000L;

  /** What did not leave in time is left out: a flood that catches up would be another. */
  private static final double BEHIND_MAX_SECONDS = 0.05;

  /** For the answers to what was sent last. */
  private static final long LINGER_NS = SECOND_NS / 2;

  @Option(names = "--port", required = true)
  private int port;

  @Option(names = "--checks", required = true)
  private int checks;

  @Option(names = "--hellos", required = true)
  private int hellos;

  @Option(names = "--addresses", required = true)
  private int addresses;

  @Option(names = "--username", required = true)
  private String username = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logs.toStandardError(false, Level.ERROR);
    HostileDatagrams datagrams = HostileDatagrams.make(username);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    InetSocketAddress node = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    try (FloodAddresses from = new FloodAddresses(addresses, node)) {
      for (String order; (order = orders.readLine()) != null; ) {
        Flood.Tally tally = pour(from, datagrams, Integer.parseInt(order));
        System.out.println(new ObjectMapper().writeValueAsString(tally));
        System.out.flush();
      }
    }
    return 0;
  }

  private Flood.Tally pour(FloodAddresses from, HostileDatagrams datagrams, int seconds)
      throws IOException {
    from.forget();
    long startNs = System.nanoTime();
    long endNs = startNs + seconds * SECOND_NS;
    long lastNs = startNs;
    double checksDue = 0;
    double hellosDue = 0;
    for (long now = startNs; now < endNs; now = System.nanoTime()) {
      double passed = (now - lastNs) / (double) SECOND_NS;
      lastNs = now;
      checksDue = Math.min(checksDue + passed * checks, checks * BEHIND_MAX_SECONDS);
      hellosDue = Math.min(hellosDue + passed * hellos, hellos * BEHIND_MAX_SECONDS);
      checksDue -= send(from, datagrams.checks(), (int) checksDue);
      hellosDue -= send(from, datagrams.hellos(), (int) hellosDue);
      from.listen();
      LockSupport.parkNanos(TICK_NS);
    }
    double took = (System.nanoTime() - startNs) / (double) SECOND_NS;
    for (long end = System.nanoTime() + LINGER_NS; System.nanoTime() < end; ) {
      from.listen();
      LockSupport.parkNanos(TICK_NS);
    }
    return from.tally(took);
  }

  private static int send(FloodAddresses from, List<byte[]> datagrams, int count)
      throws IOException {
    for (int i = 0; i < count; i++) {
      from.sendNext(datagrams);
    }
    return count;
  }
}
