package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import live.banyan.mesh.NodeRecord;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class OfferCheckTest {
  private static final String FINGERPRINT = LinkNode.fingerprint(7);
  private static final LinkOffer OFFER = offer("203.0.113.7:9000", "10.0.0.7:9000");

  @Test
  void whatIsWrittenIsRead() {
    assertEquals(OFFER, LinkOffer.read(OFFER.encode()));
    assertEquals(
        new OfferReading.Refused(OfferRefusal.GLARE),
        LinkOffer.read(LinkOffer.encodeRefusal(OfferRefusal.GLARE)));
  }

  @Test
  void unknownMembersAndCandidateTypesAreSkipped() {
    String text =
        new String(OFFER.encode(), StandardCharsets.UTF_8)
            .replace("{\"min\"", "{\"later\":[1,{}],\"min\"")
            .replace("[{\"type\":\"host\"", "[{\"type\":\"relay\"");
    assertEquals(List.of("10.0.0.7:9000"), ((LinkOffer) read(text)).candidates());
    assertEquals(new OfferReading.Refused(null), read("{\"refused\":\"SOMETHING_NEW\"}"));
  }

  @Test
  void badOffersAreRefusedForAReason() {
    String good = new String(OFFER.encode(), StandardCharsets.UTF_8);
    assertUnusable(OfferRefusal.MALFORMED, "");
    assertUnusable(OfferRefusal.MALFORMED, "null");
    assertUnusable(OfferRefusal.MALFORMED, "[1]");
    assertUnusable(OfferRefusal.MALFORMED, "[".repeat(4000));
    assertUnusable(OfferRefusal.MALFORMED, good.substring(0, good.length() / 2));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("abcd", "abc"));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("abcd", "ab\\r\\ncd"));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("\"abcd\"", "17"));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("\"min\":1", "\"min\":\"one\""));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("\"candidates\"", "\"others\""));
    assertUnusable(OfferRefusal.MALFORMED, good.replace("[{", "[null,{"));
    assertUnusable(OfferRefusal.MALFORMED, "{\"refused\":{}}");
    assertUnusable(OfferRefusal.TOO_LONG, good + " ".repeat(LinkOffer.BYTES_MAX));
    assertUnusable(
        OfferRefusal.VERSION, good.replace("\"min\":1,\"max\":1", "\"min\":2,\"max\":9"));
    LinkOffer crowd =
        offer(
            Collections.nCopies(LinkOffer.CANDIDATES_MAX + 1, "203.0.113.7:9000")
                .toArray(String[]::new));
    assertEquals(
        new OfferReading.Unusable(OfferRefusal.TOO_MANY_CANDIDATES),
        LinkOffer.read(crowd.encode()));
  }

  @Property
  void mutatedOffersAreReadOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = OFFER.encode();
    for (int i = random.nextInt(6); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    if (LinkOffer.read(bytes) instanceof LinkOffer offer) {
      assertNotNull(OfferCheck.check(offer, sender("203.0.113.7:9000"), own("192.0.2.1:1")));
    }
  }

  @Test
  void onlyAnnouncedCandidatesAreProbed() {
    assertRefused(
        OfferRefusal.FOREIGN_CANDIDATE, OFFER, sender("203.0.113.7:9000"), own("192.0.2.1:1"));
    assertRefused(
        OfferRefusal.FOREIGN_CANDIDATE,
        offer("203.0.113.7:9001"),
        sender("203.0.113.7:9000"),
        own("192.0.2.1:1"));
    assertRefused(
        OfferRefusal.MALFORMED,
        offer("example.org:9000"),
        sender("example.org:9000"),
        own("192.0.2.1:1"));
  }

  @Test
  void narrowScopesAreOnlyProbedFromInside() {
    NodeRecord sender = sender("203.0.113.7:9000", "10.0.0.7:9000");
    assertEquals(List.of(address("203.0.113.7:9000")), usable(OFFER, sender, own("192.0.2.1:1")));
    assertEquals(
        List.of(address("203.0.113.7:9000"), address("10.0.0.7:9000")),
        usable(OFFER, sender, own("192.168.1.4:1")));
    for (String narrow :
        List.of("127.0.0.1:9", "10.1.1.1:9", "169.254.169.254:80", "[::1]:9", "[fe80::1]:9")) {
      assertRefused(
          OfferRefusal.UNREACHABLE_CANDIDATE, offer(narrow), sender(narrow), own("192.0.2.1:1"));
    }
    assertEquals(
        List.of(address("127.0.0.1:9")),
        usable(offer("127.0.0.1:9"), sender("127.0.0.1:9"), own("127.0.0.1:8")));
  }

  @Test
  void theFingerprintIsTheRecordsOne() {
    NodeRecord other =
        new NodeRecord(
            LinkNode.id(7), "", List.of("203.0.113.7:9000"), LinkNode.fingerprint(8), 1, false, 0);
    assertRefused(OfferRefusal.WRONG_FINGERPRINT, OFFER, other, own("192.0.2.1:1"));
  }

  @Test
  void scopes() throws Exception {
    for (String text :
        List.of(
            "10.9.9.9", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fd00::1")) {
      assertEquals(AddressScope.PRIVATE, AddressScope.of(InetAddress.getByName(text)), text);
    }
    for (String text : List.of("172.32.0.1", "100.128.0.1", "9.9.9.9", "2001:db8::1")) {
      assertEquals(AddressScope.PUBLIC, AddressScope.of(InetAddress.getByName(text)), text);
    }
    assertEquals(AddressScope.LOOPBACK, AddressScope.of(InetAddress.getByName("127.9.9.9")));
    assertEquals(AddressScope.LOOPBACK, AddressScope.of(InetAddress.getByName("::ffff:127.0.0.1")));
    assertEquals(AddressScope.LINK_LOCAL, AddressScope.of(InetAddress.getByName("169.254.1.1")));
  }

  @Test
  void addressesThatNothingCanBeSentToAreNone() {
    for (String text :
        List.of(
            "",
            ":",
            "1.2.3.4",
            "1.2.3.4:",
            "1.2.3.4:0",
            "1.2.3.4:65536",
            "1.2.3.4:-1",
            "1.2.3:80",
            "0.0.0.0:80",
            "224.0.0.1:80",
            "[::]:80",
            "[ff02::1]:80",
            "::1:80",
            "[1.2.3.4]:80",
            "localhost:80",
            "[::1%lo]:80x",
            "[",
            "[]:80",
            "256.1.1.1:80")) {
      assertNull(Endpoint.parse(text), text);
    }
  }

  @Property
  void addressesSurviveTheirLongs(@ForAll long high, @ForAll long low) {
    InetAddress address = Endpoint.address(high, low);
    assertEquals(low, Endpoint.low(address));
    assertEquals(high, Endpoint.high(address));
  }

  @Test
  void offersAreRateLimitedPerPeer() {
    OfferLimiter limiter = new OfferLimiter(3, 1000);
    for (int i = 0; i < 3; i++) {
      assertTrue(limiter.allow("a", 5));
    }
    assertFalse(limiter.allow("a", 1004));
    assertTrue(limiter.allow("b", 1004));
    assertTrue(limiter.allow("a", 1005));
    assertFalse(limiter.allow("a", 1006));
    assertTrue(limiter.allow("a", 1_000_000));
    assertTrue(limiter.allow("a", 1_000_000));
    assertTrue(limiter.allow("a", 1_000_000));
    assertFalse(limiter.allow("a", 1_000_000), "no more than the burst piles up");
  }

  private static void assertUnusable(OfferRefusal reason, String text) {
    assertEquals(new OfferReading.Unusable(reason), read(text), text);
  }

  private static OfferReading read(String text) {
    return LinkOffer.read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(
      OfferRefusal reason, LinkOffer offer, NodeRecord sender, List<InetSocketAddress> own) {
    assertEquals(new OfferCheck.Refused(reason), OfferCheck.check(offer, sender, own));
  }

  private static List<InetSocketAddress> usable(
      LinkOffer offer, NodeRecord sender, List<InetSocketAddress> own) {
    return assertInstanceOf(OfferCheck.Usable.class, OfferCheck.check(offer, sender, own))
        .candidates();
  }

  private static LinkOffer offer(String... candidates) {
    return new LinkOffer(1, 1, "abcd", "p".repeat(22), FINGERPRINT, List.of(candidates));
  }

  private static NodeRecord sender(String... udp) {
    return new NodeRecord(LinkNode.id(7), "", List.of(udp), FINGERPRINT, 1, false, 0);
  }

  private static List<InetSocketAddress> own(String address) {
    return List.of(address(address));
  }

  private static InetSocketAddress address(String text) {
    InetSocketAddress address = Endpoint.parse(text);
    assertNotNull(address, text);
    return address;
  }
}
