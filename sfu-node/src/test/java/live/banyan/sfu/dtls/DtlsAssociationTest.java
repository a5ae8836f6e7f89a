package live.banyan.sfu.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import live.banyan.sfu.dtls.DtlsListener.Ending;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import live.banyan.sfu.srtp.NativeCurves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DtlsAssociationTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final DtlsIdentity SERVER_IDENTITY = DtlsIdentity.generate(RANDOM);
  private static final DtlsIdentity CLIENT_IDENTITY = DtlsIdentity.generate(RANDOM);
  private static final DtlsLimits LIMITS = new DtlsLimits(10_000, 40, 32, 1);

  private DtlsEndpoint serverEnd = new DtlsEndpoint(SERVER_IDENTITY, LIMITS, RANDOM);
  private DtlsEndpoint clientEnd = new DtlsEndpoint(CLIENT_IDENTITY, LIMITS, RANDOM);

  /** Two ends and the wires between them. */
  private final class Pair {
    final DtlsWire.Heard serverHeard = new DtlsWire.Heard();
    final DtlsWire.Heard clientHeard = new DtlsWire.Heard();
    final DtlsWire toServer;
    final DtlsWire toClient;
    final DtlsAssociation server;
    final DtlsAssociation client;

    Pair(long seed, double trouble) {
      this(seed, trouble, CLIENT_IDENTITY.fingerprint(), SERVER_IDENTITY.fingerprint());
    }

    Pair(long seed, double trouble, DtlsFingerprint ofClient, DtlsFingerprint ofServer) {
      toServer = new DtlsWire(seed, trouble);
      toClient = new DtlsWire(seed + 1, trouble);
      server = serverEnd.server(ofClient, toClient, serverHeard);
      client = clientEnd.client(ofServer, toServer, clientHeard);
      toServer.connect(server);
      toClient.connect(client);
    }
  }

  @Test
  void bothEndsHoldTheSameKeysByRole() throws Exception {
    Pair pair = new Pair(1, 0);
    pair.client.start();
    SrtpKeys client = get(pair.clientHeard.keys);
    SrtpKeys server = get(pair.serverHeard.keys);
    assertEquals(SrtpProfile.AEAD_AES_128_GCM, server.profile());
    assertEquals(SrtpProfile.AEAD_AES_128_GCM, client.profile());
    assertArrayEquals(client.localKey(), server.remoteKey());
    assertArrayEquals(client.remoteKey(), server.localKey());
    assertArrayEquals(client.localSalt(), server.remoteSalt());
    assertArrayEquals(client.remoteSalt(), server.localSalt());
    assertEquals(16, server.localKey().length);
    assertEquals(12, server.localSalt().length);
    assertFalse(java.util.Arrays.equals(server.localKey(), server.remoteKey()));
    assertEquals(1, serverEnd.counters().completed());
    assertEquals(0, serverEnd.counters().running());
  }

  /** On libcrypto both ends are already, where there is one. */
  @ParameterizedTest
  @CsvSource({"true,false", "false,true", "true,true"})
  void agreesWhoeverComputes(boolean serverInJava, boolean clientInJava) throws Exception {
    NativeCurves curves = NativeCurves.available().orElse(null);
    serverEnd = new DtlsEndpoint(SERVER_IDENTITY, LIMITS, RANDOM, serverInJava ? null : curves);
    clientEnd = new DtlsEndpoint(CLIENT_IDENTITY, LIMITS, RANDOM, clientInJava ? null : curves);
    Pair pair = connected(6);
    assertArrayEquals(
        get(pair.clientHeard.keys).localKey(), get(pair.serverHeard.keys).remoteKey());
  }

  @Test
  void carriesMessagesBothWaysAndEndsWithCloseNotify() throws Exception {
    Pair pair = connected(2);
    byte[] large = new byte[DtlsAssociation.MESSAGE_BYTES_MAX];
    new Random(1).nextBytes(large);
    assertTrue(pair.client.send(large));
    assertTrue(pair.client.send(new byte[] {1}));
    assertArrayEquals(large, pair.serverHeard.data.poll(5, TimeUnit.SECONDS));
    assertArrayEquals(new byte[] {1}, pair.serverHeard.data.poll(5, TimeUnit.SECONDS));
    assertTrue(pair.server.send(new byte[] {2}));
    assertArrayEquals(new byte[] {2}, pair.clientHeard.data.poll(5, TimeUnit.SECONDS));
    assertThrows(
        IllegalArgumentException.class,
        () -> pair.server.send(new byte[DtlsAssociation.MESSAGE_BYTES_MAX + 1]));

    pair.server.close();
    assertEquals(Ending.CLOSED, get(pair.serverHeard.ending));
    assertEquals(Ending.CLOSED_BY_PEER, get(pair.clientHeard.ending));
    assertFalse(pair.client.send(new byte[] {3}));
    pair.client.close();
    pair.server.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 22, 33, 44, 55, 66})
  void survivesLossRepetitionAndReordering(long seed) throws Exception {
    Pair pair = new Pair(seed, 0.15);
    pair.client.start();
    SrtpKeys client = get(pair.clientHeard.keys);
    assertArrayEquals(client.localKey(), get(pair.serverHeard.keys).remoteKey(), "seed " + seed);
  }

  @Test
  void serverRefusesAnotherCertificateBeforeKeys() throws Exception {
    Pair pair = new Pair(3, 0, SERVER_IDENTITY.fingerprint(), SERVER_IDENTITY.fingerprint());
    pair.client.start();
    assertEquals(Ending.WRONG_FINGERPRINT, get(pair.serverHeard.ending));
    assertEquals(Ending.FAILED, get(pair.clientHeard.ending));
    assertFalse(pair.serverHeard.keys.isDone());
    assertEquals(1, serverEnd.counters().wrongFingerprint());
  }

  @Test
  void clientRefusesAnotherCertificateBeforeKeys() throws Exception {
    Pair pair = new Pair(4, 0, CLIENT_IDENTITY.fingerprint(), CLIENT_IDENTITY.fingerprint());
    pair.client.start();
    assertEquals(Ending.WRONG_FINGERPRINT, get(pair.clientHeard.ending));
    assertEquals(Ending.FAILED, get(pair.serverHeard.ending));
    assertFalse(pair.clientHeard.keys.isDone());
    assertFalse(pair.serverHeard.keys.isDone());
  }

  @Test
  void namesTheTimeWhenNobodyAnswers() throws Exception {
    DtlsEndpoint hasty = new DtlsEndpoint(CLIENT_IDENTITY, new DtlsLimits(200, 40, 4, 1), RANDOM);
    DtlsWire.Heard heard = new DtlsWire.Heard();
    DtlsWire wire = new DtlsWire(1, 0);
    hasty.client(SERVER_IDENTITY.fingerprint(), wire, heard).start();
    assertEquals(Ending.TIMED_OUT, get(heard.ending));
    assertEquals(1, hasty.counters().timedOut());
    assertTrue(wire.sent.size() >= 2, "the hello was repeated");
  }

  @Test
  void whoNeverAnswersDoesNotKeepOthersFromComputing() throws Exception {
    // One computing slot, and ten clients that have said hello and then fell silent.
    List<DtlsAssociation> silent = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Pair pair = new Pair(100 + i, 0);
      pair.toClient.connect(deaf());
      pair.client.start();
      silent.add(pair.server);
    }
    Pair pair = connected(5);
    assertNotNull(pair);
    silent.forEach(DtlsAssociation::close);
  }

  @Test
  void closingEndsAHandshakeUnderWay() throws Exception {
    DtlsWire.Heard heard = new DtlsWire.Heard();
    DtlsAssociation client =
        clientEnd.client(SERVER_IDENTITY.fingerprint(), new DtlsWire(1, 0), heard);
    client.start();
    client.close();
    assertEquals(Ending.CLOSED, get(heard.ending));

    DtlsWire.Heard unused = new DtlsWire.Heard();
    clientEnd.client(SERVER_IDENTITY.fingerprint(), new DtlsWire(1, 0), unused).close();
    assertEquals(Ending.CLOSED, get(unused.ending));
  }

  @Test
  void garbageIsCountedAndHarmsNobody() throws Exception {
    Pair pair = new Pair(6, 0);
    assertFalse(pair.server.offer(new byte[0]));
    assertFalse(pair.server.offer(new byte[12]));
    assertFalse(pair.server.offer(new byte[] {80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    assertFalse(pair.server.offer(new byte[4000]));
    assertEquals(4, serverEnd.counters().malformed());
    Random random = new Random(6);
    for (int i = 0; i < 20; i++) {
      byte[] noise = new byte[13 + random.nextInt(200)];
      random.nextBytes(noise);
      noise[0] = (byte) (20 + random.nextInt(44));
      pair.server.offer(noise);
    }
    pair.client.start();
    get(pair.serverHeard.keys);
    get(pair.clientHeard.keys);
    for (int i = 0; i < 20; i++) {
      byte[] noise = new byte[13 + random.nextInt(200)];
      random.nextBytes(noise);
      noise[0] = 23;
      pair.server.offer(noise);
    }
    pair.client.send(new byte[] {7});
    assertArrayEquals(new byte[] {7}, pair.serverHeard.data.poll(5, TimeUnit.SECONDS));
  }

  @Test
  void replayedFlightsAndTruncatedRecordsChangeNothing() throws Exception {
    Pair pair = connected(7);
    List<byte[]> old;
    synchronized (pair.toServer) {
      old = List.copyOf(pair.toServer.sent);
    }
    for (byte[] datagram : old) {
      pair.server.offer(datagram);
      for (int length = 13; length < datagram.length; length += 97) {
        pair.server.offer(java.util.Arrays.copyOf(datagram, length));
      }
    }
    pair.client.send(new byte[] {8});
    assertArrayEquals(new byte[] {8}, pair.serverHeard.data.poll(5, TimeUnit.SECONDS));
    assertNull(pair.serverHeard.data.poll());
    assertFalse(pair.serverHeard.ending.isDone());
  }

  @Test
  void whatCarriesNothingAfterTheHandshakeIsCounted() throws Exception {
    Pair pair = connected(9);
    pair.server.offer(new byte[] {21, -2, -3, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40});
    pair.server.offer(new byte[] {21, -2, -3, 0, 1, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40});
    pair.client.send(new byte[] {9});
    assertArrayEquals(new byte[] {9}, pair.serverHeard.data.poll(5, TimeUnit.SECONDS));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (serverEnd.counters().discarded() < 2 && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
    assertEquals(2, serverEnd.counters().discarded(), "and not the one with a message");
    assertFalse(pair.serverHeard.ending.isDone(), "fatal alerts of others end nothing");
  }

  @Test
  void aFullQueueDropsAndCounts() {
    DtlsEndpoint narrow = new DtlsEndpoint(SERVER_IDENTITY, new DtlsLimits(500, 40, 2, 1), RANDOM);
    narrow.computing().acquireUninterruptibly(); // the handshake waits for its turn
    DtlsAssociation server =
        narrow.server(CLIENT_IDENTITY.fingerprint(), datagram -> {}, new DtlsWire.Heard());
    byte[] record = new byte[20];
    record[0] = 22;
    assertTrue(server.offer(record));
    assertTrue(server.offer(record));
    assertFalse(server.offer(record));
    assertEquals(1, narrow.counters().overflowed());
    server.close();
    narrow.computing().release();
  }

  private DtlsAssociation deaf() {
    return clientEnd.client(SERVER_IDENTITY.fingerprint(), datagram -> {}, new DtlsWire.Heard());
  }

  private Pair connected(long seed) throws Exception {
    Pair pair = new Pair(seed, 0);
    pair.client.start();
    get(pair.clientHeard.keys);
    get(pair.serverHeard.keys);
    return pair;
  }

  private static <T> T get(CompletableFuture<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(10, TimeUnit.SECONDS);
  }
}
