package live.banyan.mesh.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.identity.WorkedKeys;
import live.banyan.mesh.wire.Endpoint;
import live.banyan.mesh.wire.MalformedException;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private static final long NOW_MS = 1_800_000_000_000L;
  private static final SplittableRandom RANDOM = new SplittableRandom(1);
  private static final NodeKey NODE = WorkedKeys.get(0);
  private static final SigningKey CHANNEL = SigningKey.ofSeed(new byte[32]);
  private static final SigningKey STREAM = SigningKey.generate(RANDOM);
  private static final StreamLink LINK = new StreamLink(CHANNEL.publicKey(), "live", new byte[0]);
  private static final Endpoint ADDRESS = Endpoint.of(new byte[] {(byte) 198, 51, 100, 23}, 4433);
  private static final Reach DIRECT = new Reach.Direct(List.of(ADDRESS));
  private static final Reach HOME =
      new Reach.Through(List.of(new Reach.Rendezvous(WorkedKeys.get(1).nodeId(), ADDRESS)));
  private static final String FINGERPRINT = "ab".repeat(32);

  private static Signed node(NodeKey key, Reach reach) {
    return NodeRecord.sign(key, Validity.from(NOW_MS), reach, FINGERPRINT, "https://a.example");
  }

  private static Signed provider(StreamLink link) {
    return ProviderRecord.sign(NODE, link, Validity.from(NOW_MS), 3, 8, DIRECT, FINGERPRINT);
  }

  private static Signed delegation(long serial, String stream) {
    return Delegation.sign(
        CHANNEL, STREAM.publicKey(), stream, NOW_MS - 1_000, NOW_MS + 1_000_000, serial);
  }

  private static Signed stream(Signed delegation, SigningKey key) {
    return StreamRecord.sign(
        key, LINK, delegation, Validity.from(NOW_MS), 7, NODE.nodeId(), true, NOW_MS - 5_000);
  }

  private static RecordRefusal refusal(Checked<?> checked) {
    return assertInstanceOf(Checked.Refused.class, checked).reason();
  }

  private static <T> T valid(Checked<T> checked) {
    return switch (checked) {
      case Checked.Valid<T>(T record) -> record;
      case Checked.Refused<T>(RecordRefusal reason) -> throw new AssertionError(reason.name());
    };
  }

  @Test
  void aNodeRecordComesBack() {
    for (Reach reach : List.of(DIRECT, HOME)) {
      NodeRecord record = valid(NodeRecord.check(node(NODE, reach), NOW_MS));
      assertEquals(NODE.nodeId(), record.nodeId());
      assertEquals(reach, record.reach());
      assertEquals("https://a.example", record.http());
      assertEquals(FINGERPRINT, record.fingerprint());
      assertTrue(record.sdpFingerprint().startsWith("AB:AB:"));
      assertEquals(NODE.nodeId(), HexFormat.of().formatHex(record.target()));
    }
  }

  @Test
  void recordsCountForAMinuteAndClocksMayDifferByFiveSeconds() {
    Signed signed = node(NODE, DIRECT);
    assertEquals(RecordRefusal.FUTURE, refusal(NodeRecord.check(signed, NOW_MS - 5_001)));
    valid(NodeRecord.check(signed, NOW_MS - 5_000));
    valid(NodeRecord.check(signed, NOW_MS + 64_999));
    assertEquals(RecordRefusal.EXPIRED, refusal(NodeRecord.check(signed, NOW_MS + 65_000)));
  }

  @Test
  void aLongerLifeThanAMinuteIsMalformed() {
    Signed signed = NodeRecord.sign(NODE, new Validity(NOW_MS, 60_001), DIRECT, FINGERPRINT, "");
    assertEquals(RecordRefusal.MALFORMED, refusal(NodeRecord.check(signed, NOW_MS)));
  }

  @Test
  void aKeyWithoutWorkIsRefused() {
    Signed signed = node(NodeKey.ofSeed(new byte[32]), DIRECT);
    assertEquals(RecordRefusal.NO_WORK, refusal(NodeRecord.check(signed, NOW_MS)));
  }

  @Test
  void aForgedRecordIsRefused() throws MalformedException {
    byte[] bytes = node(NODE, DIRECT).bytes().clone();
    bytes[bytes.length - 1] ^= 1;
    assertEquals(RecordRefusal.FORGED, refusal(NodeRecord.check(Signed.read(bytes), NOW_MS)));
    assertEquals(RecordRefusal.FORGED, refusal(StoredRecord.check(bytes, NOW_MS)));
    assertEquals(RecordRefusal.OVERSIZED, refusal(StoredRecord.check(new byte[1_001], NOW_MS)));
    assertEquals(RecordRefusal.MALFORMED, refusal(StoredRecord.check(new byte[10], NOW_MS)));
  }

  @Test
  void aRecordForOnePurposeServesNoOther() {
    Signed asProvider =
        Signed.sign(NODE.signingKey(), SignedType.PROVIDER, node(NODE, HOME).payload());
    assertEquals(RecordRefusal.MALFORMED, refusal(NodeRecord.check(asProvider, NOW_MS)));
    assertEquals(RecordRefusal.MALFORMED, refusal(StoredRecord.check(asProvider.bytes(), NOW_MS)));
  }

  @Test
  void aHomeNodesRecordDoesNotHoldItsAddress() {
    NodeRecord record = valid(NodeRecord.check(node(NODE, HOME), NOW_MS));
    Reach.Through through = assertInstanceOf(Reach.Through.class, record.reach());
    assertEquals(WorkedKeys.get(1).nodeId(), through.rendezvous().getFirst().nodeId());
    assertThrows(IllegalArgumentException.class, () -> new Reach.Through(List.of()));
  }

  @Test
  void whoHasTheLinkFindsAndOpensTheRecord() {
    LinkPlace place = LinkPlace.of(LINK, NOW_MS);
    Writer writer = new Writer(place, RANDOM);
    Signed sealed = SealedRecord.seal(writer, Validity.from(NOW_MS), provider(LINK), RANDOM);
    StoredRecord stored = valid(StoredRecord.check(sealed.bytes(), NOW_MS));
    assertEquals(HexFormat.of().formatHex(place.target()), stored.target());
    SealedRecord record = valid(SealedRecord.check(sealed, NOW_MS));
    ProviderRecord opened =
        valid(ProviderRecord.check(valid(record.open(LinkPlace.of(LINK, NOW_MS))), LINK, NOW_MS));
    assertEquals(NODE.nodeId(), opened.nodeId());
    assertEquals(8, opened.freeSlots());
    assertEquals(3, opened.epoch());
    assertEquals(DIRECT, opened.reach());
  }

  /** What a crawler sees of two streams on one node tells neither the streams nor the node. */
  @Test
  void aCrawlerLearnsNothing() {
    StreamLink other = new StreamLink(CHANNEL.publicKey(), "other", new byte[0]);
    StreamLink secret = new StreamLink(CHANNEL.publicKey(), "live", new byte[] {1});
    java.util.Set<String> seen = new java.util.HashSet<>();
    for (StreamLink link : List.of(LINK, other, secret)) {
      for (long hour = 0; hour < 2; hour++) {
        long atMs = NOW_MS + hour * LinkPlace.PERIOD_MS;
        Writer writer = new Writer(LinkPlace.of(link, atMs), RANDOM);
        Signed provider =
            ProviderRecord.sign(NODE, link, Validity.from(atMs), 3, 8, DIRECT, FINGERPRINT);
        Signed sealed = SealedRecord.seal(writer, Validity.from(atMs), provider, RANDOM);
        String hex = HexFormat.of().formatHex(sealed.bytes());
        for (byte[] hidden :
            List.of(
                NODE.publicKey(),
                HexFormat.of().parseHex(NODE.nodeId()),
                CHANNEL.publicKey(),
                ADDRESS.address(),
                HexFormat.of().parseHex(FINGERPRINT).clone(),
                "live".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                link.tag())) {
          assertFalse(hex.contains(HexFormat.of().formatHex(hidden)));
        }
        SealedRecord record = valid(SealedRecord.check(sealed, atMs));
        assertTrue(seen.add(HexFormat.of().formatHex(record.target())), "places do not repeat");
        assertTrue(seen.add(HexFormat.of().formatHex(record.writer())), "nor do writers");
        assertEquals(
            RecordRefusal.ELSEWHERE,
            refusal(record.open(LinkPlace.of(new StreamLink(new byte[32], "x", new byte[0]), 0))));
      }
    }
  }

  @Test
  void theLengthDoesNotTellAHomeNodeFromAnother() {
    Writer writer = new Writer(LinkPlace.of(LINK, NOW_MS), RANDOM);
    Validity validity = Validity.from(NOW_MS);
    Signed direct = SealedRecord.seal(writer, validity, provider(LINK), RANDOM);
    Signed home =
        SealedRecord.seal(
            writer,
            validity,
            ProviderRecord.sign(NODE, LINK, validity, 90_000, 1, HOME, FINGERPRINT),
            RANDOM);
    assertEquals(direct.bytes().length, home.bytes().length);
  }

  @Test
  void whoHasNotTheLinkCannotWriteThere() {
    LinkPlace place = LinkPlace.of(LINK, NOW_MS);
    Writer honest = new Writer(place, RANDOM);
    SealedRecord seen =
        valid(
            SealedRecord.check(
                SealedRecord.seal(honest, Validity.from(NOW_MS), provider(LINK), RANDOM), NOW_MS));
    // A crawler knows the place's key from a record that it keeps, and admits itself.
    Writer crawler =
        new Writer(LinkPlace.of(new StreamLink(new byte[32], "x", new byte[0]), 0), RANDOM);
    live.banyan.mesh.wire.CborWriter out = new live.banyan.mesh.wire.CborWriter(5);
    out.bytes(seen.place()).bytes(crawler.admission());
    byte[] payload = Validity.from(NOW_MS).write(out).bytes(seen.sealed()).finish();
    Signed forged = Signed.sign(crawler.key(), SignedType.SEALED, payload);
    assertEquals(RecordRefusal.FORGED, refusal(SealedRecord.check(forged, NOW_MS)));
    assertEquals(RecordRefusal.FORGED, refusal(StoredRecord.check(forged.bytes(), NOW_MS)));
  }

  @Test
  void aProviderRecordOfAnotherStreamIsRefused() {
    StreamLink other = new StreamLink(CHANNEL.publicKey(), "other", new byte[0]);
    assertEquals(
        RecordRefusal.ELSEWHERE, refusal(ProviderRecord.check(provider(other), LINK, NOW_MS)));
  }

  @Test
  void aStreamRecordNeedsItsChannelsDelegation() {
    StreamRecord record =
        valid(
            StreamRecord.check(stream(delegation(4, ""), STREAM), LINK, Optional.empty(), NOW_MS));
    assertEquals(7, record.epoch());
    assertEquals(NODE.nodeId(), record.ingestNodeId());
    valid(
        StreamRecord.check(stream(delegation(4, "live"), STREAM), LINK, Optional.empty(), NOW_MS));
    assertEquals(
        RecordRefusal.ELSEWHERE,
        refusal(
            StreamRecord.check(
                stream(delegation(4, "other"), STREAM), LINK, Optional.empty(), NOW_MS)));
    assertEquals(
        RecordRefusal.ELSEWHERE,
        refusal(
            StreamRecord.check(
                stream(delegation(4, ""), SigningKey.generate(RANDOM)),
                LINK,
                Optional.empty(),
                NOW_MS)));
    Signed ownDelegation =
        Delegation.sign(STREAM, STREAM.publicKey(), "", NOW_MS, NOW_MS + 1_000, 1);
    assertEquals(
        RecordRefusal.ELSEWHERE,
        refusal(StreamRecord.check(stream(ownDelegation, STREAM), LINK, Optional.empty(), NOW_MS)));
  }

  @Test
  void delegationsEnd() {
    Signed signed = stream(delegation(4, ""), STREAM);
    Delegation given = valid(Delegation.check(delegation(4, "")));
    byte[] channel = CHANNEL.publicKey();
    assertEquals(
        Optional.of(RecordRefusal.EXPIRED),
        given.refusal(channel, STREAM.publicKey(), "live", NOW_MS + 1_005_000));
    assertEquals(
        Optional.of(RecordRefusal.FUTURE),
        given.refusal(channel, STREAM.publicKey(), "live", NOW_MS - 6_001));
    assertThrows(
        IllegalArgumentException.class,
        () -> Delegation.sign(CHANNEL, channel, "", 0, Delegation.VALID_MS_MAX + 1, 1));
    Revocation revoked = valid(Revocation.check(Revocation.sign(CHANNEL, NOW_MS, 2, List.of(4L))));
    assertTrue(revoked.revokes(1) && revoked.revokes(4));
    assertFalse(revoked.revokes(2) || revoked.revokes(3) || revoked.revokes(5));
    assertEquals(
        RecordRefusal.FORGED,
        refusal(StreamRecord.check(signed, LINK, Optional.of(revoked), NOW_MS)));
    Revocation foreign = valid(Revocation.check(Revocation.sign(STREAM, NOW_MS, 9, List.of())));
    valid(StreamRecord.check(signed, LINK, Optional.of(foreign), NOW_MS));
  }

  @Test
  void theLongestStreamRecordFitsIntoASeal() {
    String name = "n".repeat(64);
    StreamLink link = new StreamLink(CHANNEL.publicKey(), name, new byte[32]);
    Signed delegation =
        Delegation.sign(CHANNEL, STREAM.publicKey(), name, NOW_MS, NOW_MS + 1_000, Long.MAX_VALUE);
    Signed record =
        StreamRecord.sign(
            STREAM,
            link,
            delegation,
            Validity.from(NOW_MS),
            Long.MAX_VALUE,
            NODE.nodeId(),
            true,
            NOW_MS);
    Writer writer = new Writer(LinkPlace.of(link, NOW_MS), RANDOM);
    Signed sealed = SealedRecord.seal(writer, Validity.from(NOW_MS), record, RANDOM);
    assertTrue(sealed.bytes().length <= StoredRecord.BYTES_MAX, sealed.bytes().length + " bytes");
    SealedRecord back = valid(SealedRecord.check(sealed, NOW_MS));
    assertArrayEquals(record.bytes(), valid(back.open(writer.place())).bytes());
  }

  @Test
  void aChannelIdIsFitForAUrl() {
    String text = ChannelId.text(CHANNEL.publicKey());
    assertTrue(text.matches("ban1[a-z0-9]{58}"), text);
    assertArrayEquals(CHANNEL.publicKey(), ChannelId.read(text).orElseThrow());
    assertTrue(ChannelId.read(text.substring(1)).isEmpty());
  }
}
