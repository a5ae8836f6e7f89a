package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.Reliability;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataPlaneTest {
  private final Map<String, DataPlane> planes = new HashMap<>();

  /** Links, as "from" + "to", that lose what is sent on them. */
  private final Set<String> losing = ConcurrentHashMap.newKeySet();

  private final DataPlane ingest = node("a");
  private final List<Page> pages = new ArrayList<>();

  private DataPlane node(String id) {
    DataPlane made =
        new DataPlane(
            new Random(id.hashCode()),
            id,
            1120,
            1100,
            (to, packet) -> {
              DataPlane peer = planes.get(to);
              if (peer != null && !losing.contains(id + to)) {
                peer.receive(id, packet);
              }
              return peer != null;
            });
    planes.put(id, made);
    return made;
  }

  /** Lets a stream flow from one node to the next. */
  private void relay(String parent, String child) {
    DataPlane from = Objects.requireNonNull(planes.get(parent));
    DataPlane to = Objects.requireNonNull(planes.get(child));
    to.parent("show", parent, true);
    from.child("show", child, true);
  }

  private Page publisher() {
    Page page = new Page(pages, ingest, 1, "show", true);
    ingest.published("show", 1_700_000_000_000L);
    return page;
  }

  /** Says a word until the viewer has it: links and epochs are up then. */
  private static void meet(Page publisher, Page... viewers) {
    int channel = publisher.open(ChannelTerms.reliable("greeting"));
    for (Page viewer : viewers) {
      viewer.until(
          () -> {
            publisher.say(channel, "hello");
            return viewer.received.contains("hello");
          });
    }
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> "message " + i).toList();
  }

  private static List<String> withoutGreetings(Page page) {
    return page.received.stream().filter(m -> !m.equals("hello")).toList();
  }

  @AfterEach
  void stop() {
    planes.values().forEach(DataPlane::close);
  }

  @Test
  void messagesReachViewersHereAndTwoHopsAway() {
    node("b");
    DataPlane last = node("c");
    relay("a", "b");
    relay("b", "c");
    Page publisher = publisher();
    Page near = new Page(pages, ingest, 2, "show", false);
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, near, far);
    ChannelTerms terms = new ChannelTerms("chat", "v1", true, new Reliability(-1, 5_000));
    int channel = publisher.open(terms);
    numbers(100).forEach(m -> assertTrue(publisher.say(channel, m)));
    near.until(() -> withoutGreetings(near).size() == 100);
    far.until(() -> withoutGreetings(far).size() == 100);
    assertEquals(numbers(100), withoutGreetings(near));
    assertEquals(numbers(100), withoutGreetings(far));
    assertTrue(near.opened.containsValue(terms));
    assertTrue(far.opened.containsValue(terms), "terms travel with the messages");
  }

  @Test
  void largeMessageCrossesARelay() {
    DataPlane last = node("b");
    relay("a", "b");
    Page publisher = publisher();
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, far);
    int channel = publisher.open(ChannelTerms.reliable("files"));
    String large = "0123456789".repeat(26_000);
    assertTrue(publisher.say(channel, large));
    far.until(
        () -> {
          publisher.say(-1, ""); // plays its part
          return far.received.contains(large);
        });
  }

  @Test
  void whatMayBeLostIsNotRepeatedOverARelayAndHoldsNothingUp() {
    DataPlane last = node("b");
    relay("a", "b");
    Page publisher = publisher();
    Page near = new Page(pages, ingest, 2, "show", false);
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, near, far);
    Reliability once = new Reliability(0, -1);
    int sure = publisher.open(ChannelTerms.reliable("chat"));
    int ordered = publisher.open(new ChannelTerms("pointer", "", true, once));
    int unordered = publisher.open(new ChannelTerms("sparks", "", false, once));
    sayAll(publisher, "before", sure, ordered, unordered);
    far.until(() -> far.received.containsAll(all("before", sure, ordered, unordered)));
    losing.add("ab");
    sayAll(publisher, "lost", sure, ordered, unordered);
    near.until(() -> near.received.containsAll(all("lost", sure, ordered, unordered)));
    losing.remove("ab");
    sayAll(publisher, "after", sure, ordered, unordered);
    far.until(
        () ->
            far.received.containsAll(all("after", sure, ordered, unordered))
                && far.received.containsAll(all("lost", sure)));
    assertFalse(far.received.containsAll(all("lost", ordered)), "given up on the link, in order");
    assertFalse(far.received.containsAll(all("lost", unordered)), "given up on the link");
  }

  private static void sayAll(Page publisher, String what, int... channels) {
    for (int channel : channels) {
      assertTrue(publisher.say(channel, what + " on " + channel));
    }
  }

  private static List<String> all(String what, int... channels) {
    return IntStream.of(channels).mapToObj(channel -> what + " on " + channel).toList();
  }

  @Test
  void messagesOverTwoParentsArriveOnce() {
    node("b");
    node("c");
    DataPlane last = node("d");
    relay("a", "b");
    relay("a", "c");
    relay("b", "d");
    relay("c", "d");
    Page publisher = publisher();
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, far);
    int channel = publisher.open(ChannelTerms.reliable("chat"));
    numbers(50).forEach(m -> publisher.say(channel, m));
    far.until(() -> last.count(DataCount.DROPPED_REPEATED) >= 50);
    far.until(() -> withoutGreetings(far).size() >= 50);
    assertEquals(numbers(50), withoutGreetings(far));
  }

  @Test
  void nodesThatAreNoParentsAreNotHeard() {
    DataPlane last = node("b");
    ingest.child("show", "b", true); // without the child's consent
    Page publisher = publisher();
    Page near = new Page(pages, ingest, 2, "show", false);
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, near);
    far.until(
        () -> {
          meet(publisher, near);
          return last.count(DataCount.DROPPED_STRANGER) > 0;
        });
    assertEquals(List.of(), far.received);
  }

  @Test
  void whatIsForTheNodeAndWhatViewersSayGoesNowhere() {
    Page publisher = publisher();
    Page viewer = new Page(pages, ingest, 2, "show", false);
    Page other = new Page(pages, ingest, 3, "show", false);
    meet(publisher, viewer, other);
    int said = viewer.open(ChannelTerms.reliable("chat"));
    viewer.say(said, "I am here");
    viewer.until(() -> ingest.count(DataCount.DROPPED_VIEWER) == 1);
    publisher.say(publisher.open(ChannelTerms.reliable(DataPlane.NODE_LABEL)), "to the node");
    publisher.say(publisher.open(ChannelTerms.reliable("chat")), "to all");
    other.until(() -> other.received.contains("to all"));
    viewer.until(() -> viewer.received.contains("to all"));
    assertFalse(other.received.contains("I am here"));
    assertFalse(other.received.contains("to the node"));
    assertEquals(1, viewer.opened.size(), "its own channel of that label serves both ways");
  }

  @Test
  void publisherBeyondItsRateIsCut() {
    Page publisher = publisher();
    Page viewer = new Page(pages, ingest, 2, "show", false);
    meet(publisher, viewer);
    int channel = publisher.open(ChannelTerms.reliable("flood"));
    numbers(2_000).forEach(m -> publisher.say(channel, m));
    publisher.until(() -> ingest.count(DataCount.MESSAGES_PUBLISHED) > 2_000);
    assertTrue(ingest.count(DataCount.DROPPED_RATE) > 500);
    viewer.until(() -> withoutGreetings(viewer).size() > 300);
  }

  @Test
  void publisherIsToldWhichLayersAreWanted() {
    Page publisher = publisher();
    ingest.layers("show", List.of("q"), 0);
    publisher.open(ChannelTerms.reliable(DataPlane.NODE_LABEL));
    publisher.until(() -> publisher.received.size() == 1);
    ingest.layers("show", List.of("q"), 0);
    ingest.layers("show", List.of("q", "f"), 2);
    publisher.until(() -> publisher.received.size() == 2);
    assertEquals(
        List.of(
            "{\"type\":\"layers\",\"highest\":0,\"needed\":[\"q\"]}",
            "{\"type\":\"layers\",\"highest\":2,\"needed\":[\"q\",\"f\"]}"),
        publisher.received);
  }

  @Test
  void parentsAreToldWhatAChildNeedsBeforeAndAfterTheyAreParents() throws Exception {
    DataPlane child = node("b");
    BlockingQueue<LayerNeeds> heard = new LinkedBlockingQueue<>();
    ingest.listenNeeds((nodeId, needs) -> heard.add(nodeId.equals("b") ? needs : wrong()));
    LayerNeeds first = new LayerNeeds("show", 7, List.of(0, 0b111));
    Page publisher = publisher();
    child.parent("show", "elsewhere", true); // so that the stream is known
    child.needs(first);
    ingest.child("show", "b", true); // before the child hears that it has the place
    child.parent("show", "a", true);
    assertEquals(first, heard.poll(10, TimeUnit.SECONDS));
    LayerNeeds next = new LayerNeeds("show", 7, List.of(0, 0b001));
    child.needs(next);
    assertEquals(next, heard.poll(10, TimeUnit.SECONDS));
    assertTrue(ingest.count(DataCount.NEEDS_HEARD) >= 2);
    ingest.child("show", "b", false);
    child.needs(first);
    publisher.until(() -> ingest.count(DataCount.DROPPED_STRANGER) > 0);
    assertNull(heard.poll(), "a node that is no child any more");
  }

  private static LayerNeeds wrong() {
    return new LayerNeeds("wrong", 0, List.of(0));
  }

  @Test
  void messagesUnderWayWhenAParentDiesComeThroughTheNextOne() {
    node("b");
    DataPlane last = node("c");
    relay("a", "b");
    relay("b", "c");
    Page publisher = publisher();
    Page far = new Page(pages, last, 3, "show", false);
    meet(publisher, far);
    DataPlane dead = Objects.requireNonNull(planes.remove("b"));
    int channel = publisher.open(ChannelTerms.reliable("chat"));
    numbers(50).forEach(m -> assertTrue(publisher.say(channel, m)));
    publisher.until(() -> ingest.count(DataCount.MESSAGES_TO_NODES) >= 50);
    dead.close();
    last.parent("show", "b", false);
    relay("a", "c");
    far.until(() -> withoutGreetings(far).size() == 50);
    assertEquals(numbers(50), withoutGreetings(far));
    DataPlane fresh = node("d");
    Page newcomer = new Page(pages, fresh, 4, "show", false);
    relay("c", "d");
    publisher.say(channel, "after all");
    newcomer.until(
        () -> !newcomer.received.isEmpty() || fresh.count(DataCount.DROPPED_REPEATED) >= 50);
    assertFalse(newcomer.received.contains("message 3"), "from before it watched");
  }
}
