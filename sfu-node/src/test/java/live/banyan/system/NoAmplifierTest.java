package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.StunRequests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All that a stranger may send to a node's media port, each from an address of its own: none is
 * answered with more bytes than it sent, before it has passed a check or with the check itself.
 */
@Tag("system")
@Timeout(300)
class NoAmplifierTest {
  private static final Duration SILENCE = Duration.ofMillis(700);
  private static final int COOKIE = 0x2112A442;

  private final SecureRandom random = new SecureRandom();

  @Test
  void nobodyIsAnsweredWithMoreThanItSent(@TempDir Path directory) throws Exception {
    TestNode.Plan plan = TestNode.Plan.alone("amplifier", directory);
    InetSocketAddress media = new InetSocketAddress("127.0.0.1", plan.port());
    try (TestNode node = TestNode.start(plan).awaitReady();
        Publisher publisher =
            Publisher.start(
                Publisher.Options.of(node.api().whip("live"), PatternSource.standard()))) {
      node.api().awaitLive("live");
      DtlsEndpoint endpoint =
          new DtlsEndpoint(DtlsIdentity.generate(random), DtlsLimits.defaults(), random);
      HandMadeSession session =
          HandMadeSession.join(node.api().whep("live"), "", endpoint.identity().fingerprint());
      double handshakes = node.api().metric("banyan_dtls_started_total");
      Map<String, byte[]> cases = cases(session, clientHello(endpoint));
      Map<String, Stranger> strangers = new LinkedHashMap<>();
      try {
        for (Map.Entry<String, byte[]> one : cases.entrySet()) {
          Stranger stranger = new Stranger(media);
          strangers.put(one.getKey(), stranger);
          stranger.send(one.getValue());
        }
        Eventually.observeFor(SILENCE);
        int answered = 0;
        for (Map.Entry<String, byte[]> one : cases.entrySet()) {
          Stranger stranger = Objects.requireNonNull(strangers.get(one.getKey()));
          answered += answers(one.getKey(), stranger, one.getValue().length);
        }
        assertTrue(answered >= 3, "errors are told: " + answered);
      } finally {
        for (Stranger stranger : strangers.values()) {
          stranger.close();
        }
      }
      assertEquals(handshakes, node.api().metric("banyan_dtls_started_total"), "no handshake");
      theFirstCheckIsAnsweredWithNoMore(media, session);
      NodeApi.delete(session.resource());
      assertTrue(!publisher.ended().isDone());
    }
  }

  /** At most one error for each, no longer than what it answers. @return how many */
  private static int answers(String name, Stranger stranger, int sent) throws IOException {
    List<byte[]> answers = stranger.answers();
    assertTrue(answers.size() <= 1, name);
    for (byte[] answer : answers) {
      assertTrue(answer.length <= sent, name + ": " + answer.length + " bytes for " + sent);
      assertEquals(0x0111, (answer[0] << 8) + answer[1], name + ": a Binding error response");
    }
    return answers.size();
  }

  private static void theFirstCheckIsAnsweredWithNoMore(
      InetSocketAddress media, HandMadeSession session) throws Exception {
    try (Stranger client = new Stranger(media)) {
      byte[] check = session.check();
      client.send(check);
      Eventually.observeFor(SILENCE);
      List<byte[]> answers = client.answers();
      assertEquals(1, answers.size(), "the check's answer alone: the client speaks first");
      assertTrue(answers.getFirst().length <= check.length);
      assertEquals(0x0101, (answers.getFirst()[0] << 8) + answers.getFirst()[1]);
    }
  }

  private Map<String, byte[]> cases(HandMadeSession session, byte[] hello) {
    String user = session.username();
    Map<String, byte[]> cases = new LinkedHashMap<>();
    cases.put("a check of nobody", StunRequests.check("nobody:ours", session.password(), true));
    cases.put("a check with another password", StunRequests.check(user, "another", true));
    cases.put(
        "a check of another name",
        StunRequests.check(session.ufrag() + ":me", session.password(), true));
    cases.put("a check that nobody signed", StunRequests.unsigned(StunRequests.REQUEST, user));
    cases.put("an answer to nothing", StunRequests.unsigned(StunRequests.SUCCESS, user));
    cases.put("an indication", StunRequests.unsigned(0x0011, user));
    cases.put("an error", StunRequests.unsigned(0x0111, user));
    cases.put("another method", StunRequests.unsigned(0x0003, user));
    cases.put("a bare request", stun(0x0001, new byte[0]));
    cases.put("a bare request of another method", stun(0x0003, new byte[0]));
    cases.put("a request with a name alone", stun(0x0001, username(user)));
    cases.put("a request with an attribute of 1,400 bytes", stun(0x0001, attribute(0x7777, 1_400)));
    cases.put("a ClientHello", hello);
    cases.put("half a ClientHello", Arrays.copyOf(hello, hello.length / 2));
    cases.put("RTP", packet(0x80, 96, 200));
    cases.put("RTCP", packet(0x80, 201, 32));
    for (int first = 0; first < 256; first += first < 20 ? 1 : 9) {
      for (int length : new int[] {1, 2, 20, 1_200, 3_000}) {
        cases.put(first + ", " + length + " bytes", packet(first, 1, length));
      }
    }
    cases.put("nothing", new byte[0]);
    cases.put("60,000 bytes", packet(1, 1, 60_000));
    return cases;
  }

  private byte[] packet(int first, int second, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    bytes[0] = (byte) first;
    if (length > 1) {
      bytes[1] = (byte) second;
    }
    return bytes;
  }

  private static byte[] stun(int type, byte[] attributes) {
    return ByteBuffer.allocate(20 + attributes.length)
        .putShort((short) type)
        .putShort((short) attributes.length)
        .putInt(COOKIE)
        .putLong(7)
        .putInt(7)
        .put(attributes)
        .array();
  }

  private static byte[] username(String name) {
    byte[] value = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(4 + (value.length + 3 & ~3));
    out.putShort((short) 0x0006).putShort((short) value.length).put(value);
    return out.array();
  }

  private static byte[] attribute(int type, int length) {
    return ByteBuffer.allocate(4 + length).putShort((short) type).putShort((short) length).array();
  }

  private static byte[] clientHello(DtlsEndpoint endpoint) throws InterruptedException {
    BlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
    DtlsAssociation client =
        endpoint.client(endpoint.identity().fingerprint(), sent::add, new Silence());
    client.start();
    byte[] hello = sent.poll(20, TimeUnit.SECONDS);
    client.close();
    assertNotNull(hello, "a ClientHello");
    return hello;
  }

  private static final class Silence implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {}

    @Override
    public void onApplicationData(byte[] data) {}

    @Override
    public void onClosed(Ending ending) {}
  }
}
