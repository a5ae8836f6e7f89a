package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.WatchReport;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.StunRequests;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What strangers send to a node's media port, and what somebody on the path sends in the name of a
 * client: dropped, counted by reason, hardly answered, while a viewer watches on.
 */
@Tag("system")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileTest {
  private static final String FRONT = "127.0.0.1";
  private static final String NODE = "127.0.0.2";

  /** Sent before the node's counters are awaited: no more than its socket's buffer holds. */
  private static final int VOLLEY = 100;

  /** For what the node does at once; who waits longer waits in vain. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** For answers that ought not to come. */
  private static final Duration SILENCE = Duration.ofMillis(200);

  private final TestNode node;
  private final Tap tap;
  private final InetSocketAddress media;
  private final ClientHost host;
  private final Publisher publisher;
  private final Tap.Flow publishing;
  private final Audience audience;
  private final Tap.Flow watching;

  HostileTest(@TempDir Path directory) throws Exception {
    int port = FreePorts.one();
    TestNode.Plan plan =
        new TestNode.Plan("hostile", directory, NODE, port, 0, "", List.of(), List.of(), List.of());
    node = TestNode.start(plan.with("banyan.announce = [\"" + FRONT + "\"]")).awaitReady();
    media = new InetSocketAddress(NODE, port);
    tap = new Tap(new InetSocketAddress(FRONT, port), media);
    host = ClientHost.open();
    publisher =
        Publisher.start(Publisher.Options.of(node.api().whip("live"), PatternSource.standard()));
    publishing = tap.flows().getFirst();
    node.api().awaitLive("live");
    audience = Audience.watch(host, node.api().whep("live"));
    audience.awaitFrames("the first frames", 0);
    watching = tap.flows().getLast();
  }

  @AfterAll
  void stop() throws Exception {
    audience.close();
    publisher.close();
    host.close();
    tap.close();
    node.close();
  }

  @AfterEach
  void theViewerHasNoticedNothing() throws Exception {
    audience.awaitFrames("frames afterwards", System.nanoTime());
    WatchReport report = audience.report();
    assertEquals(0, report.lost(), report.toString());
    assertEquals(0, report.framesBroken(), report.toString());
    assertFalse(audience.viewer().ended().isDone());
    assertFalse(publisher.ended().isDone());
    assertEquals(0.0, node.api().counter("exceptions"), "bugs met");
  }

  /** Where a datagram goes: from a stranger, or in a client's name. */
  private interface Way {
    void send(byte[] datagram) throws IOException;
  }

  /**
   * Sends datagrams that are all to be dropped, and waits until they are.
   *
   * @return how often each reason was counted meanwhile
   */
  private Map<String, Double> dropped(Way way, List<byte[]> datagrams) throws Exception {
    Map<String, Double> before = node.api().drops();
    for (int i = 0; i < datagrams.size(); i++) {
      way.send(datagrams.get(i));
      int sent = i + 1;
      if (sent % VOLLEY == 0 || sent == datagrams.size()) {
        Eventually.until(sent + " datagrams to be dropped", PATIENCE, () -> sum(before) >= sent);
      }
    }
    Map<String, Double> after = node.api().drops();
    after.replaceAll((reason, count) -> count - before.getOrDefault(reason, 0.0));
    after.values().removeIf(count -> count == 0);
    assertEquals(datagrams.size(), after.values().stream().mapToDouble(d -> d).sum(), "" + after);
    return after;
  }

  private double sum(Map<String, Double> before) throws IOException, InterruptedException {
    return total(node.api().drops()) - total(before);
  }

  private static double total(Map<String, Double> drops) {
    return drops.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static void getsNoAnswer(Stranger stranger) throws Exception {
    Eventually.observeFor(SILENCE);
    assertEquals(0, stranger.answers().size(), "answers");
  }

  /** What a client has sent of a kind, told by its first byte (RFC 7983). */
  private static List<byte[]> captured(Tap.Flow flow, IntPredicate firstByte) {
    List<byte[]> found =
        flow.sent().stream().filter(d -> firstByte.test(d[0] & 0xff)).limit(200).toList();
    assertFalse(found.isEmpty(), "nothing was captured");
    return found;
  }

  private static List<byte[]> stun(Tap.Flow flow) {
    return captured(flow, first -> first < 4);
  }

  private static List<byte[]> dtls(Tap.Flow flow) {
    return captured(flow, first -> first >= 20 && first < 64);
  }

  private static List<byte[]> rtp(Tap.Flow flow) {
    return captured(flow, first -> first >= 128).stream().filter(d -> !isRtcp(d)).toList();
  }

  private static List<byte[]> rtcp(Tap.Flow flow) {
    return captured(flow, first -> first >= 128).stream().filter(HostileTest::isRtcp).toList();
  }

  private static boolean isRtcp(byte[] datagram) {
    int type = datagram[1] & 0x7f;
    return type >= 64 && type < 96;
  }

  /** Every datagram cut at some place, the first ones at each. */
  private static List<byte[]> truncated(List<byte[]> datagrams, int shortest) {
    List<byte[]> cut = new ArrayList<>();
    byte[] first = datagrams.getFirst();
    for (int length = shortest; length < Math.min(first.length, 120); length++) {
      cut.add(Arrays.copyOf(first, length));
    }
    Random random = new Random(1);
    for (byte[] datagram : datagrams) {
      cut.add(Arrays.copyOf(datagram, random.nextInt(shortest, datagram.length)));
    }
    return cut;
  }

  private List<byte[]> everythingCaptured() {
    List<byte[]> all = new ArrayList<>(stun(publishing));
    all.addAll(dtls(publishing));
    all.addAll(rtp(publishing));
    all.addAll(rtcp(publishing));
    all.addAll(dtls(watching));
    all.addAll(rtcp(watching));
    return all;
  }

  @Test
  void randomBytesOfAStranger() throws Exception {
    Random random = new Random(2);
    List<byte[]> noise = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(1_400)];
      random.nextBytes(bytes);
      noise.add(bytes);
    }
    noise.add(new byte[0]);
    try (Stranger stranger = new Stranger(media)) {
      Map<String, Double> reasons = dropped(stranger::send, noise);
      assertEquals(
          Set.of("empty", "unknown_protocol", "unknown_peer", "stun_malformed"), reasons.keySet());
      getsNoAnswer(stranger);
    }
  }

  @Test
  void truncatedPacketsOfAStranger() throws Exception {
    try (Stranger stranger = new Stranger(media)) {
      Map<String, Double> reasons = dropped(stranger::send, truncated(everythingCaptured(), 1));
      assertEquals(Set.of("unknown_peer", "stun_malformed"), reasons.keySet());
      getsNoAnswer(stranger);
    }
  }

  @Test
  void mutatedPacketsOfAStranger() throws Exception {
    Random random = new Random(3);
    List<byte[]> mutated = new ArrayList<>();
    List<byte[]> originals = everythingCaptured();
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
      for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) random.nextInt(1, 256);
      }
      mutated.add(bytes);
    }
    try (Stranger stranger = new Stranger(media)) {
      Map<String, Double> reasons = dropped(stranger::send, mutated);
      assertTrue(
          reasons
              .keySet()
              .containsAll(Set.of("unknown_protocol", "unknown_peer", "stun_malformed")),
          reasons.toString());
      // What changed FINGERPRINT into something else is still STUN, but nobody has signed that.
      Eventually.observeFor(SILENCE);
      List<byte[]> answers = stranger.answers();
      assertTrue(answers.size() <= reasons.getOrDefault("stun_forged", 0.0), reasons.toString());
      answers.forEach(HostileTest::assertError);
    }
  }

  private static void assertError(byte[] answer) {
    assertEquals(0x0111, (answer[0] << 8) + answer[1], "a Binding error response");
  }

  @Test
  void mediaReplayedFromAnotherAddress() throws Exception {
    List<byte[]> replayed = new ArrayList<>(rtp(publishing));
    replayed.addAll(rtcp(publishing));
    replayed.addAll(rtcp(watching));
    try (Stranger stranger = new Stranger(media)) {
      assertEquals(Set.of("unknown_peer"), dropped(stranger::send, replayed).keySet());
      getsNoAnswer(stranger);
    }
  }

  /** What came before its keys was not seen by them, and is no replay. */
  private static List<byte[]> recent(Tap.Flow flow, Predicate<byte[]> kind) throws Exception {
    int before = flow.sent().size();
    Eventually.until("something to replay", PATIENCE, () -> since(flow, before, kind).size() >= 2);
    return since(flow, before, kind);
  }

  private static List<byte[]> since(Tap.Flow flow, int before, Predicate<byte[]> kind) {
    List<byte[]> sent = flow.sent();
    return sent.subList(before, sent.size()).stream()
        .filter(datagram -> (datagram[0] & 0xff) >= 128)
        .filter(kind)
        .toList();
  }

  @Test
  void mediaReplayedFromTheSameAddress() throws Exception {
    Set<String> replayed = Set.of("srtp_replayed");
    List<byte[]> media = recent(publishing, datagram -> !isRtcp(datagram));
    assertEquals(replayed, dropped(publishing::inject, media).keySet(), "RTP");
    List<byte[]> reports = recent(publishing, HostileTest::isRtcp);
    assertEquals(replayed, dropped(publishing::inject, reports).keySet(), "RTCP");
    List<byte[]> feedback = recent(watching, HostileTest::isRtcp);
    assertEquals(replayed, dropped(watching::inject, feedback).keySet(), "a viewer's");
  }

  @Test
  void mediaForgedAndTruncatedFromTheSameAddress() throws Exception {
    List<byte[]> forged = new ArrayList<>();
    for (byte[] packet : rtp(publishing)) {
      byte[] later = packet.clone();
      later[2] += 0x20; // 8,192 packets on, where nothing counts as seen
      forged.add(later);
    }
    for (byte[] packet : rtcp(watching)) {
      byte[] other = packet.clone();
      other[other.length - 1] += 100; // of the index, so that it is no replay
      forged.add(other);
    }
    assertEquals(Set.of("srtp_forged"), dropped(publishing::inject, forged).keySet());
    Map<String, Double> media = dropped(publishing::inject, truncated(rtp(publishing), 2));
    assertTrue(media.containsKey("rtp_malformed"), media.toString());
    Map<String, Double> feedback = dropped(watching::inject, truncated(rtcp(watching), 2));
    assertTrue(feedback.containsKey("rtcp_malformed"), feedback.toString());
  }

  @Test
  void handshakesForgedAndTruncatedFromTheSameAddress() throws Exception {
    for (Tap.Flow flow : List.of(publishing, watching)) {
      assertEquals(
          Set.of("dtls_malformed"), dropped(flow::inject, truncated(dtls(flow), 1)).keySet());
      double useless = node.api().metric("banyan_dtls_discarded_total");
      flow.inject(new byte[] {21, -2, -3, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40}); // fatal, in clear
      flow.inject(new byte[] {21, -2, -3, 0, 1, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40}); // as if encrypted
      Eventually.until(
          "two records to be of no use",
          Program.PATIENCE,
          () -> node.api().metric("banyan_dtls_discarded_total") >= useless + 2);
    }
  }

  @Test
  void forgedChecksOfAStranger() throws Exception {
    DtlsIdentity identity = DtlsIdentity.generate(new SecureRandom());
    HandMadeSession session =
        HandMadeSession.join(node.api().whep("live"), "", identity.fingerprint());
    String user = session.username();
    byte[] wrongUser = StunRequests.check("nobody:" + HandMadeSession.OURS, "whatever", true);
    byte[] response = StunRequests.unsigned(StunRequests.SUCCESS, user);
    try (Stranger stranger = new Stranger(media)) {
      assertEquals(
          Map.of("stun_unknown_user", 2.0), dropped(stranger::send, List.of(wrongUser, response)));
      getsNoAnswer(stranger);
      byte[] wrongPassword = StunRequests.check(user, "a-password-that-is-wrong", true);
      byte[] wrongName = StunRequests.check(session.ufrag() + ":me", session.password(), true);
      byte[] unsigned = StunRequests.unsigned(StunRequests.REQUEST, user);
      List<byte[]> forged = List.of(wrongPassword, wrongName, unsigned);
      assertEquals(Map.of("stun_forged", 3.0), dropped(stranger::send, forged));
      Eventually.observeFor(SILENCE);
      List<byte[]> answers = stranger.answers();
      // RFC 8489 §9.1.3 asks for errors. They name no address and are no longer than the question.
      assertEquals(forged.size(), answers.size());
      for (int i = 0; i < forged.size(); i++) {
        assertError(answers.get(i));
        assertTrue(answers.get(i).length <= forged.get(i).length, "no longer than the question");
      }
      assertEquals(
          Set.of("unknown_peer"),
          dropped(stranger::send, dtls(publishing)).keySet(),
          "no check has let the address in");
    }
    NodeApi.delete(session.resource());
  }

  /**
   * Everything but the certificate is right. What comes before the handshake is dropped, too, and
   * so is media after it, since nobody was given keys.
   */
  @Test
  void aCertificateThatTheOfferDoesNotName() throws Exception {
    SecureRandom random = new SecureRandom();
    HandMadeSession session =
        HandMadeSession.join(
            node.api().whep("live"), "", DtlsIdentity.generate(random).fingerprint());
    double wrong = node.api().metric("banyan_dtls_wrong_fingerprint_total");
    DtlsEndpoint other =
        new DtlsEndpoint(DtlsIdentity.generate(random), DtlsLimits.defaults(), random);
    try (Stranger stranger = new Stranger(media)) {
      stranger.send(session.check());
      Eventually.until("the check's answer", Program.PATIENCE, () -> !stranger.answers().isEmpty());
      assertEquals(
          Set.of("srtp_no_keys"), dropped(stranger::send, rtcp(watching)).keySet(), "too early");
      Handshake handshake = new Handshake(stranger);
      DtlsAssociation client = other.client(session.fingerprint(), handshake, handshake);
      client.start();
      Eventually.until(
          "the node to refuse the certificate",
          Program.PATIENCE,
          () -> {
            for (byte[] answer : stranger.answers()) {
              int first = answer[0] & 0xff;
              assertTrue(first >= 20 && first < 64, "nothing but DTLS is sent: " + first);
              client.offer(answer);
            }
            return handshake.ended.isDone();
          });
      assertEquals(DtlsListener.Ending.FAILED, handshake.ended.join());
      assertFalse(handshake.keyed, "no keys");
      assertEquals(wrong + 1, node.api().metric("banyan_dtls_wrong_fingerprint_total"));
      assertEquals(
          404, NodeApi.delete(session.resource()), "the session has ended with its handshake");
      assertEquals(
          Set.of("unknown_peer"), dropped(stranger::send, rtcp(watching)).keySet(), "too late");
      getsNoAnswer(stranger);
    }
  }

  /** A DTLS client's ends: what it sends, and what it hears of itself. */
  private static final class Handshake implements DtlsListener, Consumer<byte[]> {
    private final Stranger stranger;
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private volatile boolean keyed;

    Handshake(Stranger stranger) {
      this.stranger = stranger;
    }

    @Override
    public void accept(byte[] datagram) {
      try {
        stranger.send(datagram);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onKeys(SrtpKeys keys) {
      keyed = true;
    }

    @Override
    public void onApplicationData(byte[] data) {
      throw new AssertionError("nobody sends data");
    }

    @Override
    public void onClosed(Ending ending) {
      ended.complete(ending);
    }
  }
}
