package live.banyan.sfu.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import live.banyan.sfu.ice.IceLite.Outcome;
import org.junit.jupiter.api.Test;

class IceLiteTest {
  private static final long ADDRESS_LOW = 0xffff_7f00_0001L;
  private static final int PORT = 51234;

  private final Random random = new Random(1);
  private final IceCredentials local = IceCredentials.generate(random);
  private final IceCredentials remote = IceCredentials.generate(random);
  private final IceLite lite = new IceLite(local, remote);
  private final StunIntegrity key = new StunIntegrity(local.password());
  private final StunMessage request = new StunMessage();
  private final StunMessage parsedResponse = new StunMessage();
  private final StunWriter response = new StunWriter();

  @Test
  void answersACheckWithTheAddressItSaw() {
    assertEquals(Outcome.ACCEPTED, answer(check(local.ufrag() + ":" + remote.ufrag(), w -> {})));
    assertTrue(StunSamples.parse(parsedResponse, StunSamples.bytes(response)));
    assertTrue(parsedResponse.isSuccess());
    assertTrue(parsedResponse.hasFingerprint());
    assertTrue(key.verifies(parsedResponse));
    assertEquals(request.transactionHigh(), parsedResponse.transactionHigh());
    assertEquals(request.transactionLow(), parsedResponse.transactionLow());
    assertEquals(0, parsedResponse.mappedHigh());
    assertEquals(ADDRESS_LOW, parsedResponse.mappedLow());
    assertEquals(PORT, parsedResponse.mappedPort());
    assertEquals(lite.localUfragKey(), request.localUfragKey());
  }

  @Test
  void tellsNomination() {
    assertEquals(
        Outcome.NOMINATED,
        answer(check(local.ufrag() + ":" + remote.ufrag(), StunWriter::useCandidate)));
    assertTrue(response.length() > 0);
  }

  @Test
  void tellsAControlledPeerToSwitch() {
    StunWriter writer = new StunWriter();
    writer.startRequest(1, 2);
    writer.username(username());
    writer.role(false, 9);
    writer.integrity(key);
    writer.finish();
    assertEquals(Outcome.ROLE_CONFLICT, answer(StunSamples.bytes(writer)));
    assertError(487);
    assertTrue(key.verifies(parsedResponse));
  }

  @Test
  void namesAttributesThatItDoesNotKnow() {
    byte[] bytes = check(local.ufrag() + ":" + remote.ufrag(), StunWriter::useCandidate);
    // RESPONSE-PORT, which nobody here understands, in place of USE-CANDIDATE.
    bytes[indexOf(bytes, StunAttribute.USE_CANDIDATE) + 1] = 0x27;
    assertEquals(Outcome.UNKNOWN_ATTRIBUTES, answer(resigned(bytes)));
    assertError(420);
    assertTrue(key.verifies(parsedResponse));
  }

  @Test
  void refusesForgedRequestsInFewerBytesThanTheyHave() {
    byte[] wrongUser = check(local.ufrag() + ":someone!", w -> {});
    assertEquals(Outcome.FORGED, answer(wrongUser));
    assertError(401);
    assertFalse(parsedResponse.hasIntegrity());
    assertTrue(response.length() < wrongUser.length);

    StunWriter writer = new StunWriter();
    writer.startRequest(1, 2);
    writer.username(username());
    writer.role(true, 9);
    writer.integrity(new StunIntegrity("wrong password, 22 chars"));
    writer.finish();
    assertEquals(Outcome.FORGED, answer(StunSamples.bytes(writer)));
    assertError(401);
  }

  @Test
  void refusesRequestsWithoutCredentialsAndNeverWithMoreBytes() {
    StunWriter writer = new StunWriter();
    writer.startRequest(1, 2);
    writer.username(username());
    writer.finish();
    assertEquals(Outcome.UNAUTHENTICATED, answer(StunSamples.bytes(writer)));
    assertError(400);

    writer.startRequest(1, 2);
    writer.finish();
    assertEquals(Outcome.UNAUTHENTICATED, answer(StunSamples.bytes(writer)));
    assertEquals(0, response.length());
    assertFalse(Outcome.UNAUTHENTICATED.authenticated());
  }

  @Test
  void generatedCredentialsAreIceChars() {
    for (int i = 0; i < 100; i++) {
      IceCredentials credentials = IceCredentials.generate(random);
      assertTrue(credentials.ufrag().matches("[A-Za-z0-9+/]{8}"));
      assertTrue(credentials.password().matches("[A-Za-z0-9+/]{24}"));
      assertFalse(credentials.toString().contains(credentials.password()));
    }
  }

  private byte[] username() {
    return (local.ufrag() + ":" + remote.ufrag()).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] check(String username, Consumer<StunWriter> more) {
    StunWriter writer = new StunWriter();
    writer.startRequest(random.nextLong(), random.nextInt());
    writer.username(username.getBytes(StandardCharsets.UTF_8));
    writer.priority(0x6e0001ff);
    writer.role(true, 5);
    more.accept(writer);
    writer.integrity(key);
    writer.finish();
    return StunSamples.bytes(writer);
  }

  private Outcome answer(byte[] bytes) {
    assertTrue(StunSamples.parse(request, bytes));
    return lite.answer(request, response, 0, ADDRESS_LOW, PORT);
  }

  private void assertError(int code) {
    assertTrue(StunSamples.parse(parsedResponse, StunSamples.bytes(response)));
    assertTrue(parsedResponse.isError());
    assertEquals(code, parsedResponse.errorCode());
  }

  private static int indexOf(byte[] bytes, int attribute) {
    for (int i = 20; i < bytes.length; i += 4) {
      if (bytes[i] == (byte) (attribute >> 8) && bytes[i + 1] == (byte) attribute) {
        return i;
      }
    }
    throw new AssertionError("attribute not found");
  }

  /** The message with integrity and fingerprint made anew: both are the last 32 bytes. */
  private byte[] resigned(byte[] bytes) {
    int at = bytes.length - 32;
    key.sign(bytes, at);
    bytes[2] = (byte) ((bytes.length - 20) >> 8);
    bytes[3] = (byte) (bytes.length - 20);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(bytes, 0, bytes.length - 8);
    int value = (int) crc.getValue() ^ StunAttribute.FINGERPRINT_XOR;
    for (int i = 0; i < 4; i++) {
      bytes[bytes.length - 4 + i] = (byte) (value >>> 24 - 8 * i);
    }
    return bytes;
  }
}
