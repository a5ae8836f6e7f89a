package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What loopback as it is cannot show: a path with a small MTU, and link-local addresses. A child
 * process in a network namespace of its own does the sending; needs root.
 */
@Tag("system")
class UdpNamespaceTest {
  private static final String SET_UP =
      "ip link set lo up mtu 1280 && ip link add v0 type veth peer name v1"
          + " && ip link set v0 up && ip link set v1 up && ip addr add fe80::1/64 dev v0 nodad"
          + " && exec \"$@\"";

  @Test
  void segmentsLongerThanThePathAllowsArriveOneByOne() throws Exception {
    assertEquals("arrived 30 messages 30 fallbacks 3 refused 0", inNamespace("segments", "1"));
  }

  @Test
  void soDoThoseThatWereWrittenToSeveralPeersInTurn() throws Exception {
    assertEquals("arrived 30 messages 30 fallbacks 6 refused 0", inNamespace("segments", "2"));
  }

  @Test
  void linkLocalPeersAreAnswered() throws Exception {
    assertEquals("ffm answered, nio answered", inNamespace("link-local", ""));
  }

  private static String inNamespace(String what, String peers)
      throws IOException, InterruptedException {
    assumeTrue(UdpSockets.nativeSupported());
    assumeTrue(
        new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0,
        "needs the right to make a network namespace");
    Process child =
        new ProcessBuilder(
                "unshare",
                "-n",
                "sh",
                "-c",
                SET_UP,
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                UdpNamespaceTest.class.getName(),
                what,
                peers)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (!child.waitFor(30, TimeUnit.SECONDS)) {
      child.destroyForcibly();
      throw new AssertionError("the child does not end");
    }
    String output =
        new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return output.substring(output.lastIndexOf('\n') + 1);
  }

  /** Runs in the namespace. The last line it prints is the answer. */
  public static void main(String[] arguments) throws IOException {
    System.out.println(
        arguments[0].equals("segments") ? segments(Integer.parseInt(arguments[1])) : linkLocal());
  }

  private static String segments(int peers) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    List<DatagramIo> to = new ArrayList<>();
    try (DatagramIo from = UdpSockets.open(any)) {
      for (int i = 0; i < peers; i++) {
        to.add(UdpSockets.open(any));
      }
      for (int sent = 0; sent < 30; sent++) {
        int port = to.get(sent % peers).localAddress().getPort();
        long at = from.claim(0, 0xFFFF_7F00_0001L, port, 1400);
        from.memory().set(ValueLayout.JAVA_BYTE, at, (byte) sent);
        from.commit(1400);
        if (sent % 10 == 9) {
          from.flush();
        }
      }
      int arrived = 0;
      for (int i = 0; i < peers; i++) {
        arrived += inOrder(to.get(i), i, peers);
      }
      return "arrived %d messages %d fallbacks %d refused %d"
          .formatted(
              arrived,
              from.counters().sentMessages(),
              from.counters().segmentationFallbacks(),
              from.sendRefusals());
    } finally {
      to.forEach(DatagramIo::close);
    }
  }

  /** Datagrams that came with the numbers {@code next}, {@code next + step} and so on. */
  private static int inOrder(DatagramIo io, int next, int step) {
    int arrived = 0;
    for (int n = io.receive(1_000_000_000L); n > 0; n = io.receive(100_000_000L)) {
      for (int i = 0; i < n; i++) {
        if (io.receiveMemory().get(ValueLayout.JAVA_BYTE, io.offset(i)) == next + arrived * step) {
          arrived++;
        }
      }
    }
    return arrived;
  }

  private static String linkLocal() throws IOException {
    return answer(UdpOptions.Path.FFM) + ", " + answer(UdpOptions.Path.NIO);
  }

  private static String answer(UdpOptions.Path path) throws IOException {
    InetAddress address = InetAddress.getByName("fe80::1%v0");
    try (DatagramIo server =
            UdpSockets.open(
                new InetSocketAddress(InetAddress.getByName("::"), 0),
                UdpOptions.DEFAULT.withPath(path));
        DatagramSocket client = new DatagramSocket(0, address)) {
      client.setSoTimeout(2000);
      client.send(
          new DatagramPacket(
              new byte[2], 2, new InetSocketAddress(address, server.localAddress().getPort())));
      server.receive(2_000_000_000L);
      server.claim(server.addressHigh(0), server.addressLow(0), server.port(0), 10);
      server.commit(3);
      server.flush();
      DatagramPacket got = new DatagramPacket(new byte[10], 10);
      client.receive(got);
      return server.udpPath() + (got.getLength() == 3 ? " answered" : " garbled");
    }
  }
}
