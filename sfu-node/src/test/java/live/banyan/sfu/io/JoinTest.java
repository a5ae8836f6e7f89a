package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A second socket of a port gets nothing until it joins, and its part of the flows from then on.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "no other kernel spreads a port over sockets")
class JoinTest {
  private static final int FLOWS = 64;
  private static final long WAIT_NS = 200_000_000;

  @ParameterizedTest
  @EnumSource(UdpOptions.Path.class)
  void flowsAreSharedFromTheJoinOn(UdpOptions.Path path) throws IOException {
    UdpOptions options = UdpOptions.DEFAULT.withPath(path).withReusePort(true);
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (DatagramIo first = UdpSockets.open(new InetSocketAddress(loopback, 0), options);
        DatagramIo second = UdpSockets.prepare(first.localAddress(), options)) {
      assertEquals(first.localAddress(), second.localAddress());
      sendFlows(first.localAddress());
      assertEquals(FLOWS, received(first), "all to the one that is there");
      assertEquals(0, second.receive(0));
      second.join();
      assertEquals(first.localAddress(), second.localAddress());
      sendFlows(first.localAddress());
      int toFirst = received(first);
      int toSecond = received(second);
      assertEquals(FLOWS, toFirst + toSecond);
      assertTrue(toFirst > 0 && toSecond > 0, toFirst + " and " + toSecond);
    }
  }

  private static int received(DatagramIo io) {
    int sum = 0;
    for (int more = 1; more > 0; sum += more) {
      more = io.receive(WAIT_NS);
    }
    return sum;
  }

  private static void sendFlows(InetSocketAddress to) throws IOException {
    for (int i = 0; i < FLOWS; i++) {
      try (DatagramChannel channel = DatagramChannel.open()) {
        channel.send(ByteBuffer.wrap(new byte[] {1}), to);
      }
    }
  }
}
