package live.banyan.system;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts on one switch, which loses UDP datagrams where it is told to: network namespaces with a
 * bridge between them. This machine itself is host 0. Everything has names of its own and goes with
 * {@link #close}.
 */
final class TestNetwork implements AutoCloseable {
  private static final long COMMAND_SECONDS = 20;
  private static final Pattern DROPPED = Pattern.compile("counter packets ([0-9]+)");

  private final String name = "bny" + ProcessHandle.current().pid() % 1_000_000;
  private final String prefix = "10.213." + ProcessHandle.current().pid() % 250 + ".";
  private final int hosts;
  private final Thread last = Thread.ofPlatform().unstarted(this::remove);

  private TestNetwork(int hosts) {
    this.hosts = hosts;
  }

  /** Makes hosts 1 to {@code hosts}; needs root and the programs {@code ip} and {@code nft}. */
  static TestNetwork create(int hosts) throws IOException, InterruptedException {
    assumeTrue(
        tries("ip", "netns", "list") && tries("nft", "list", "ruleset"),
        "needs root, iproute2 and nftables to make networks that lose packets");
    TestNetwork network = new TestNetwork(hosts);
    Runtime.getRuntime().addShutdownHook(network.last);
    boolean made = false;
    try {
      network.make();
      made = true;
      return network;
    } finally {
      if (!made) {
        network.close();
      }
    }
  }

  private void make() throws IOException, InterruptedException {
    String hub = hub();
    ip("netns", "add", hub);
    ip("-n", hub, "link", "add", "bridge", "type", "bridge");
    ip("-n", hub, "link", "set", "bridge", "up");
    ip("link", "add", name, "type", "veth", "peer", "name", port(0), "netns", hub);
    ip("addr", "add", address(0) + "/24", "dev", name);
    ip("link", "set", name, "gso_max_segs", "1");
    ip("link", "set", name, "up");
    plugIn(0);
    for (int host = 1; host <= hosts; host++) {
      String there = namespace(host);
      ip("netns", "add", there);
      ip("-n", there, "link", "set", "lo", "up");
      ip("-n", there, "link", "add", "eth", "type", "veth", "peer", port(host), "netns", hub);
      ip("-n", there, "addr", "add", address(host) + "/24", "dev", "eth");
      // Datagrams that leave as one are taken apart before the switch, which drops them singly.
      ip("-n", there, "link", "set", "eth", "gso_max_segs", "1");
      ip("-n", there, "link", "set", "eth", "up");
      plugIn(host);
    }
  }

  private void plugIn(int host) throws IOException, InterruptedException {
    ip("-n", hub(), "link", "set", port(host), "master", "bridge");
    ip("-n", hub(), "link", "set", port(host), "up");
  }

  private String hub() {
    return name + "-hub";
  }

  private String namespace(int host) {
    return name + "-" + host;
  }

  private static String port(int host) {
    return "port" + host;
  }

  String address(int host) {
    return prefix + (host == 0 ? 254 : host);
  }

  /** A command that executes another on a host. */
  List<String> on(int host) {
    return List.of("ip", "netns", "exec", namespace(host));
  }

  /** From now on this share of the UDP datagrams between two hosts is lost, in both directions. */
  void lose(int a, int b, int percent) throws IOException, InterruptedException {
    nft(
        """
        flush ruleset
        table bridge loss {
          chain forward {
            type filter hook forward priority 0;
            %s
            %s
          }
        }
        """
            .formatted(rule(a, b, percent), rule(b, a, percent)));
  }

  private static String rule(int from, int to, int percent) {
    return "iifname \"%s\" oifname \"%s\" ip protocol udp numgen random mod 100 < %d counter drop"
        .formatted(port(from), port(to), percent);
  }

  /** Datagrams lost since {@link #lose}. */
  long lost() throws IOException, InterruptedException {
    long lost = 0;
    Matcher counters = DROPPED.matcher(run(nftIn("list", "ruleset"), ""));
    while (counters.find()) {
      lost += Long.parseLong(counters.group(1));
    }
    return lost;
  }

  /** Loses nothing any more. */
  void heal() throws IOException, InterruptedException {
    nft("flush ruleset\n");
  }

  private void nft(String rules) throws IOException, InterruptedException {
    run(nftIn("-f", "-"), rules);
  }

  private List<String> nftIn(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", hub(), "nft"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    run(command, "");
  }

  private static boolean tries(String... command) throws InterruptedException {
    try {
      run(List.of(command), "");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String run(List<String> command, String input)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  private void remove() {
    List<List<String>> commands = new ArrayList<>();
    commands.add(List.of("ip", "link", "del", name));
    for (int host = 1; host <= hosts; host++) {
      commands.add(List.of("ip", "netns", "del", namespace(host)));
    }
    commands.add(List.of("ip", "netns", "del", hub()));
    for (List<String> command : commands) {
      try {
        run(command, "");
      } catch (IOException e) {
        // Never made, or gone with its peer.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(last);
    } catch (IllegalStateException e) {
      // The tests are being ended, and the hook runs.
    }
  }
}
