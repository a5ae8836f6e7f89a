package live.banyan.mesh.kademlia;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.identity.WorkedKeys;
import live.banyan.mesh.record.NodeRecord;
import live.banyan.mesh.record.Reach;
import live.banyan.mesh.record.Validity;
import live.banyan.mesh.wire.Endpoint;
import org.junit.jupiter.api.Test;

/** What a node does with what strangers send it. */
class KademliaTest {
  private static final long WALL_MS = 1_800_000_000_000L;
  private static final NodeKey KEY = WorkedKeys.get(0);
  private static final NodeKey OTHER = WorkedKeys.get(1);
  private static final Endpoint HERE = address(1, 1);
  private static final Endpoint THERE = address(2, 1);

  private final SplittableRandom random = new SplittableRandom(5);
  private final Kademlia node =
      new Kademlia(KEY.nodeId(), HERE, false, DhtConfig.standard(WALL_MS), random, 0);

  private static Endpoint address(int network, int host) {
    return Endpoint.of(new byte[] {20, 30, (byte) network, (byte) host}, 4433);
  }

  private static byte[] record(long atMs) {
    Reach reach = new Reach.Direct(List.of(THERE));
    return NodeRecord.sign(OTHER, Validity.from(atMs), reach, "ab".repeat(32), "").bytes();
  }

  private List<DhtAction> heard(Endpoint from, DhtMessage message) {
    int bytes = DhtCodec.encode(message, OTHER).length;
    return node.step(new DhtEvent.Heard(from, message, bytes), 0, random);
  }

  private static List<DhtMessage> sent(List<DhtAction> actions) {
    return actions.stream()
        .filter(DhtAction.Send.class::isInstance)
        .map(action -> ((DhtAction.Send) action).message())
        .toList();
  }

  private static boolean counted(List<DhtAction> actions, DhtAction.Count what) {
    return actions.contains(new DhtAction.Counted(what));
  }

  private DhtMessage.Find find(long token, boolean padded) {
    return new DhtMessage.Find(3, "", Point.of(OTHER.nodeId()), token, padded);
  }

  private long tokenOf(Endpoint from) {
    return assertInstanceOf(DhtMessage.Token.class, sent(heard(from, find(0, false))).getFirst())
        .token();
  }

  private DhtMessage.Stored store(byte[] record) {
    DhtMessage store = new DhtMessage.Store(4, "", tokenOf(THERE), record);
    return assertInstanceOf(DhtMessage.Stored.class, sent(heard(THERE, store)).getFirst());
  }

  @Test
  void nobodyGetsMoreThanHeSentBeforeHeHasShownHisAddress() {
    assertTrue(store(record(WALL_MS)).kept());
    for (DhtMessage question :
        List.of(
            find(0, false),
            find(12_345, false),
            find(tokenOf(address(3, 3)), false),
            find(0, true),
            new DhtMessage.Store(4, "", 12_345, record(WALL_MS)))) {
      List<DhtMessage> answers = sent(heard(THERE, question));
      int bytes = answers.stream().mapToInt(a -> DhtCodec.encode(a, KEY).length).sum();
      assertTrue(bytes <= DhtCodec.encode(question, OTHER).length, question + ": " + bytes);
    }
  }

  @Test
  void whoHasShownHisAddressGetsTheRecordInOneDatagram() {
    assertTrue(store(record(WALL_MS)).kept());
    DhtMessage answer = sent(heard(THERE, find(tokenOf(THERE), false))).getFirst();
    assertEquals(1, assertInstanceOf(DhtMessage.Found.class, answer).records().size());
    assertTrue(DhtCodec.encode(answer, KEY).length <= DhtCodec.BYTES_MAX);
  }

  @Test
  void aTokenIsGoodFromItsAddressOnly() {
    long token = tokenOf(THERE);
    List<DhtAction> actions =
        heard(address(9, 9), new DhtMessage.Store(4, "", token, record(WALL_MS)));
    assertTrue(counted(actions, DhtAction.Count.TOKEN_DEMANDED));
    assertEquals(0, node.records());
  }

  @Test
  void forgedExpiredFutureAndOversizedRecordsAreRefused() {
    byte[] forged = record(WALL_MS).clone();
    forged[forged.length - 1] ^= 1;
    List<byte[]> refused =
        List.of(
            forged,
            record(WALL_MS - 70_000),
            record(WALL_MS + 20_000),
            new byte[1_000],
            new byte[1]);
    for (byte[] record : refused) {
      assertEquals(false, store(record).kept());
    }
    assertEquals(0, node.records());
  }

  @Test
  void aRecordIsForgottenAfterAMinute() {
    assertTrue(store(record(WALL_MS)).kept());
    long lateNs = 61_000 * Kademlia.MS;
    DhtMessage question = find(0, true);
    DhtEvent event = new DhtEvent.Heard(THERE, question, DhtCodec.BYTES_MAX);
    DhtMessage answer = sent(node.step(event, lateNs, random)).getFirst();
    assertEquals(List.of(), assertInstanceOf(DhtMessage.Found.class, answer).records());
  }

  @Test
  void oneNetworkAsksSoManyQuestionsAndOthersStillMay() {
    int answered = 0;
    for (int i = 0; i < 1_000; i++) {
      answered += sent(heard(address(2, 1 + i % 200), find(0, true))).size();
    }
    assertEquals(300, answered);
    assertEquals(1, sent(heard(address(77, 1), find(0, true))).size());
  }

  @Test
  void answersThatNobodyAskedForChangeNothing() {
    DhtMessage found =
        new DhtMessage.Found(1, OTHER.nodeId(), THERE, HERE, 1, List.of(), List.of());
    for (DhtMessage message :
        List.of(found, new DhtMessage.Stored(1, true), new DhtMessage.Token(1, 1))) {
      List<DhtAction> actions = heard(THERE, message);
      assertEquals(List.of(new DhtAction.Counted(DhtAction.Count.ANSWER_UNASKED)), actions);
    }
    assertEquals(List.of(), node.contacts(10));
  }

  @Test
  void anotherVersionIsToldWhichThereAre() {
    DhtMessage.OtherVersion other = new DhtMessage.OtherVersion(6, 9);
    List<DhtAction> actions = node.step(new DhtEvent.Heard(THERE, other, 12), 0, random);
    assertEquals(List.of(new DhtMessage.Versions(6, 1, 1)), sent(actions));
  }

  @Test
  void whoSpeaksNoCommonVersionIsGivenUp() {
    List<DhtAction> asked = node.step(new DhtEvent.Join(List.of(THERE)), 0, random);
    long number = sent(asked).getFirst().number();
    List<DhtAction> actions = heard(THERE, new DhtMessage.Versions(number, 2, 3));
    assertTrue(counted(actions, DhtAction.Count.OTHER_VERSION));
    assertEquals(List.of(), node.contacts(10));
  }
}
