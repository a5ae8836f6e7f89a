package live.banyan.sfu.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.ice.IceController.Handled;
import live.banyan.sfu.ice.IceController.Nomination;
import live.banyan.sfu.ice.IceController.State;
import live.banyan.sfu.packet.PacketSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IceControllerTest {
  private static final long MS = 1_000_000L;
  private static final long CLIENT = 0xffff_0a00_0001L;
  private static final long SERVER = 0xffff_0a00_0002L;
  private static final long OTHER = 0xffff_0a00_0003L;
  private static final int PORT = 4000;

  private final Random random = new Random(7);
  private IceCredentials local = IceCredentials.generate(random);
  private IceCredentials remote = IceCredentials.generate(random);
  private final Sent sent = new Sent();
  private long nowNs = Long.MAX_VALUE - 50 * MS; // the clock may wrap

  /** A sink that keeps what is committed. */
  private static final class Sent implements PacketSink {
    record Datagram(long low, int port, byte[] bytes) {}

    final ArrayDeque<Datagram> datagrams = new ArrayDeque<>();
    private final MemorySegment memory = Arena.ofAuto().allocate(2048);
    private long low;
    private int port;

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public long claim(long addressHigh, long addressLow, int toPort, int maxLength) {
      low = addressLow;
      port = toPort;
      return 64;
    }

    @Override
    public void commit(int length) {
      datagrams.add(
          new Datagram(
              low,
              port,
              memory.asSlice(64, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
    }

    @Override
    public void flush() {}
  }

  @Test
  void oneRoundTripConnectsAggressively() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    assertFalse(controller.hasSelected());
    List<IceLite.Outcome> outcomes = exchange(controller, lite());
    assertEquals(List.of(IceLite.Outcome.NOMINATED), outcomes);
    assertEquals(State.CONNECTED, controller.state());
    assertEquals(SERVER, controller.selectedLow());
    assertEquals(PORT, controller.selectedPort());
    assertEquals(0, controller.roundTripNs());
  }

  @Test
  void regularNominationTakesTwoRoundTrips() {
    IceController controller = controller(Nomination.REGULAR);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    assertEquals(List.of(IceLite.Outcome.ACCEPTED), exchange(controller, lite()));
    assertEquals(State.CHECKING, controller.state());
    assertEquals(List.of(IceLite.Outcome.NOMINATED), exchange(controller, lite()));
    assertEquals(State.CONNECTED, controller.state());
  }

  @Test
  void repeatsALostCheckAndGivesUpInTheEnd() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    long start = nowNs;
    int checks = 0;
    while (controller.state() == State.CHECKING) {
      controller.poll(nowNs, sent);
      checks += sent.datagrams.size();
      sent.datagrams.clear();
      long next = controller.nextDeadlineNs();
      if (next == Long.MAX_VALUE) {
        break;
      }
      assertTrue(next - nowNs > 0, "time moves on");
      nowNs = next;
    }
    assertEquals(State.FAILED, controller.state());
    assertEquals(15_000, (nowNs - start) / MS);
    assertTrue(checks > 8 && checks < 20, "checks: " + checks);
    assertEquals(Long.MAX_VALUE, controller.nextDeadlineNs());
  }

  @Test
  void pacesTheFirstChecksOfSeveralCandidates() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    controller.addRemoteCandidate(0, OTHER, PORT, 2, nowNs);
    controller.addRemoteCandidate(0, OTHER, PORT, 2, nowNs);
    controller.poll(nowNs, sent);
    assertEquals(1, sent.datagrams.size());
    assertEquals(20, (controller.nextDeadlineNs() - nowNs) / MS);
    nowNs += 20 * MS;
    controller.poll(nowNs, sent);
    assertEquals(2, sent.datagrams.size());
  }

  @ParameterizedTest
  @EnumSource(Nomination.class)
  void theBetterOfTwoWorkingPathsWins(Nomination nomination) {
    IceController controller = controller(nomination);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    controller.addRemoteCandidate(0, OTHER, PORT, 2, nowNs);
    for (int i = 0; i < 10; i++) {
      exchange(controller, lite());
      nowNs += 20 * MS;
    }
    assertEquals(State.CONNECTED, controller.state());
    if (nomination == Nomination.AGGRESSIVE) {
      assertEquals(OTHER, controller.selectedLow());
    }
  }

  @Test
  void consentIsRenewedAndItsLossEndsTheTransport() {
    IceController controller = connected();
    IceLite lite = lite();
    long end = nowNs + 60_000 * MS;
    int checks = 0;
    while (nowNs - end < 0) {
      nowNs = controller.nextDeadlineNs();
      checks += exchange(controller, lite).size();
      assertEquals(State.CONNECTED, controller.state());
    }
    assertTrue(checks >= 20 && checks <= 31, "checks a minute: " + checks);
    long silentFrom = nowNs;
    while (controller.state() == State.CONNECTED) {
      nowNs = controller.nextDeadlineNs();
      controller.poll(nowNs, sent);
      sent.datagrams.clear();
    }
    assertEquals(30_000, (nowNs - silentFrom) / MS);
  }

  @Test
  void aRestartKeepsTheOldPathUntilTheNewOneIsNominated() {
    IceController controller = connected();
    local = IceCredentials.generate(random);
    remote = IceCredentials.generate(random);
    controller.restart(local, remote, nowNs);
    assertEquals(State.CHECKING, controller.state());
    assertEquals(SERVER, controller.selectedLow());
    assertEquals(List.of(IceLite.Outcome.NOMINATED), exchange(controller, lite()));
    assertEquals(State.CONNECTED, controller.state());
  }

  @Test
  void answersAreBelievedOnlyFromWhereTheyWereAskedAndOnce() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    controller.poll(nowNs, sent);
    byte[] request = sent.datagrams.remove().bytes();
    byte[] answer = answer(lite(), request);
    assertEquals(Handled.IGNORED, deliver(controller, answer, OTHER, PORT));
    byte[] forged = answer(new IceLite(IceCredentials.generate(random), remote), request);
    assertEquals(Handled.IGNORED, deliver(controller, forged, SERVER, PORT));
    assertEquals(State.CHECKING, controller.state());
    assertEquals(Handled.AUTHENTIC, deliver(controller, answer, SERVER, PORT));
    assertEquals(Handled.IGNORED, deliver(controller, answer, SERVER, PORT));
    assertEquals(Handled.IGNORED, deliver(controller, new byte[] {0, 1, 2}, SERVER, PORT));
  }

  @Test
  void twoFullEndsConnectAndSettleTheirRoles() {
    IceController one = controller(Nomination.REGULAR);
    IceController two = new IceController(remote, local, Nomination.REGULAR, random, nowNs);
    Sent fromTwo = new Sent();
    one.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    // Two does not know where one is: it learns the address from one's check.
    for (int i = 0; i < 20; i++) {
      one.poll(nowNs, sent);
      two.poll(nowNs, fromTwo);
      while (!sent.datagrams.isEmpty() || !fromTwo.datagrams.isEmpty()) {
        for (Sent.Datagram d; (d = sent.datagrams.poll()) != null; ) {
          deliver(two, d.bytes(), CLIENT, PORT, fromTwo);
        }
        for (Sent.Datagram d; (d = fromTwo.datagrams.poll()) != null; ) {
          deliver(one, d.bytes(), SERVER, PORT, sent);
        }
      }
      nowNs += 50 * MS;
    }
    assertEquals(State.CONNECTED, one.state());
    assertEquals(State.CONNECTED, two.state());
    assertEquals(CLIENT, two.selectedLow());
  }

  @Test
  void boundsTheCandidates() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    for (int i = 0; i < 100; i++) {
      controller.addRemoteCandidate(0, SERVER, 1000 + i, 1, nowNs);
    }
    for (int i = 0; i < 40; i++) {
      nowNs += 20 * MS;
      controller.poll(nowNs, sent);
    }
    assertEquals(
        IceController.PAIRS_MAX,
        sent.datagrams.stream().map(Sent.Datagram::port).distinct().count());
  }

  private IceController controller(Nomination nomination) {
    return new IceController(local, remote, nomination, random, nowNs);
  }

  private IceController connected() {
    IceController controller = controller(Nomination.AGGRESSIVE);
    controller.addRemoteCandidate(0, SERVER, PORT, 1, nowNs);
    exchange(controller, lite());
    assertEquals(State.CONNECTED, controller.state());
    return controller;
  }

  private IceLite lite() {
    return new IceLite(remote, local);
  }

  /** Polls, has every check answered by {@code lite}, and hands the answers back at once. */
  private List<IceLite.Outcome> exchange(IceController controller, IceLite lite) {
    controller.poll(nowNs, sent);
    List<IceLite.Outcome> outcomes = new ArrayList<>();
    for (Sent.Datagram d; (d = sent.datagrams.poll()) != null; ) {
      StunMessage request = new StunMessage();
      assertTrue(StunSamples.parse(request, d.bytes()));
      StunWriter response = new StunWriter();
      outcomes.add(lite.answer(request, response, 0, CLIENT, PORT));
      deliver(controller, StunSamples.bytes(response), d.low(), d.port());
    }
    return outcomes;
  }

  private static byte[] answer(IceLite lite, byte[] bytes) {
    StunMessage request = new StunMessage();
    assertTrue(StunSamples.parse(request, bytes));
    StunWriter response = new StunWriter();
    lite.answer(request, response, 0, CLIENT, PORT);
    return StunSamples.bytes(response);
  }

  private Handled deliver(IceController to, byte[] bytes, long fromLow, int fromPort) {
    return deliver(to, bytes, fromLow, fromPort, sent);
  }

  private Handled deliver(IceController to, byte[] bytes, long fromLow, int fromPort, Sent sink) {
    MemorySegment segment = MemorySegment.ofArray(bytes);
    return to.handleDatagram(segment, 0, bytes.length, 0, fromLow, fromPort, nowNs, sink);
  }
}
