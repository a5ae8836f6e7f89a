package live.banyan.sfu.ice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.ice4j.StunException;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.attribute.Attribute;
import org.ice4j.attribute.AttributeFactory;
import org.ice4j.attribute.ErrorCodeAttribute;
import org.ice4j.attribute.IceControllingAttribute;
import org.ice4j.attribute.MessageIntegrityAttribute;
import org.ice4j.attribute.PriorityAttribute;
import org.ice4j.attribute.XorMappedAddressAttribute;
import org.ice4j.message.Message;
import org.ice4j.message.MessageFactory;
import org.ice4j.message.Request;
import org.ice4j.security.CredentialsAuthority;
import org.ice4j.stack.RawMessage;
import org.ice4j.stack.StunStack;
import org.ice4j.stack.TransactionID;
import org.junit.jupiter.api.Test;

class StunMessageTest {
  private final StunMessage message = new StunMessage();
  private final StunIntegrity integrity = new StunIntegrity(StunSamples.PASSWORD);

  @Test
  void readsTheSampleRequestOfRfc5769() {
    assertTrue(StunSamples.parse(message, StunSamples.REQUEST));
    assertTrue(message.isRequest());
    assertTrue(message.hasUsername(StunSamples.USERNAME.getBytes(StandardCharsets.UTF_8)));
    assertFalse(message.hasUsername("evtj:h6vX".getBytes(StandardCharsets.UTF_8)));
    assertEquals(IceUfrag.key("evtj"), message.localUfragKey());
    assertEquals(0x6e0001ffL, message.priority());
    assertTrue(message.controlled());
    assertEquals(0x932ff9b151263b36L, message.tieBreaker());
    assertTrue(message.hasFingerprint());
    assertTrue(integrity.verifies(message));
    assertTrue(integrity.verifies(message), "verifying leaves the message as it was");
    assertFalse(new StunIntegrity("another password of 22").verifies(message));
  }

  @Test
  void takesPasswordsOfAnyLengthAsTheJdkDoes() throws GeneralSecurityException {
    for (int length : new int[] {1, 22, 63, 64, 65, 256}) {
      String password = "p".repeat(length);
      byte[] bytes = new byte[64];
      new StunIntegrity(password).sign(bytes, 40);
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      mac.update(bytes, 0, 40);
      assertArrayEquals(mac.doFinal(), Arrays.copyOfRange(bytes, 44, 64), length + " characters");
    }
  }

  @Test
  void readsTheSampleResponsesOfRfc5769() {
    assertTrue(StunSamples.parse(message, StunSamples.RESPONSE_V4));
    assertTrue(message.isSuccess());
    assertTrue(integrity.verifies(message));
    assertEquals(0, message.mappedHigh());
    assertEquals(0xffff_c000_0201L, message.mappedLow());
    assertEquals(32853, message.mappedPort());

    assertTrue(StunSamples.parse(message, StunSamples.RESPONSE_V6));
    assertTrue(integrity.verifies(message));
    assertEquals(0x2001_0db8_1234_5678L, message.mappedHigh());
    assertEquals(0x0011_2233_4455_6677L, message.mappedLow());
    assertEquals(32853, message.mappedPort());
  }

  @Test
  void readsWhatIce4jWrites() throws Exception {
    StunStack stack = stack();
    byte[] transaction = TransactionID.createNewTransactionID().getBytes();
    Request request = MessageFactory.createBindingRequest(0x6effffffL);
    request.setTransactionID(transaction);
    request.putAttribute(AttributeFactory.createUsernameAttribute("abcd:efgh"));
    request.putAttribute(AttributeFactory.createIceControllingAttribute(77));
    request.putAttribute(AttributeFactory.createUseCandidateAttribute());
    MessageIntegrityAttribute signature =
        AttributeFactory.createMessageIntegrityAttribute("abcd:efgh");
    signature.setMedia("m");
    request.putAttribute(signature);
    request.putAttribute(AttributeFactory.createFingerprintAttribute());

    assertTrue(StunSamples.parse(message, request.encode(stack)));
    assertTrue(integrity.verifies(message));
    assertEquals(0x6effffffL, message.priority());
    assertEquals(77, message.tieBreaker());
    assertTrue(message.controlling());
    assertTrue(message.useCandidate());
    assertEquals(0, message.unknownCount());
  }

  @Test
  void ice4jReadsWhatIsWritten() throws Exception {
    StunWriter writer = new StunWriter();
    writer.startRequest(0x1122334455667788L, 0x99aabbcc);
    writer.username("abcd:efgh".getBytes(StandardCharsets.UTF_8));
    writer.priority(0x6e0001ff);
    writer.useCandidate();
    writer.role(true, 0xfedcba9876543210L);
    writer.integrity(integrity);
    writer.finish();
    byte[] bytes = StunSamples.bytes(writer);

    Message decoded = decode(bytes);
    assertEquals(
        0x6e0001ffL, ((PriorityAttribute) decoded.getAttribute(Attribute.PRIORITY)).getPriority());
    assertEquals(
        0xfedcba9876543210L,
        ((IceControllingAttribute) decoded.getAttribute(Attribute.ICE_CONTROLLING))
            .getTieBreaker());
    assertTrue(decoded.containsAttribute(Attribute.USE_CANDIDATE));
    assertTrue(validates(decoded, bytes));

    assertTrue(StunSamples.parse(message, bytes));
    writer.startResponse(message, StunMessage.BINDING_SUCCESS);
    writer.xorMappedAddress(0x2001_0db8_0000_0000L, 5, 40_000);
    writer.integrity(integrity);
    writer.finish();
    assertMapped("2001:db8::5", StunSamples.bytes(writer));
    writer.startResponse(message, StunMessage.BINDING_SUCCESS);
    writer.xorMappedAddress(0, 0xffff_0a00_0001L, 40_000);
    writer.integrity(integrity);
    writer.finish();
    assertMapped("10.0.0.1", StunSamples.bytes(writer));

    writer.startResponse(message, StunMessage.BINDING_ERROR);
    writer.errorCode(487);
    writer.finish();
    ErrorCodeAttribute error =
        (ErrorCodeAttribute) decode(StunSamples.bytes(writer)).getAttribute(Attribute.ERROR_CODE);
    assertEquals(487, error.getErrorCode());
  }

  @Test
  void firstOfRepeatedAttributesCounts() {
    StunWriter writer = new StunWriter();
    writer.startRequest(1, 2);
    writer.priority(1);
    writer.priority(2);
    writer.finish();
    assertTrue(StunSamples.parse(message, StunSamples.bytes(writer)));
    assertEquals(1, message.priority());
  }

  @Test
  void ignoresWhatFollowsTheIntegrity() {
    StunWriter writer = new StunWriter();
    writer.startRequest(1, 2);
    writer.integrity(integrity);
    writer.useCandidate();
    writer.finish();
    assertTrue(StunSamples.parse(message, StunSamples.bytes(writer)));
    assertTrue(integrity.verifies(message));
    assertFalse(message.useCandidate());
  }

  @Test
  void refusesWhatIsNoBindingMessage() {
    byte[] allocate = StunSamples.REQUEST.clone();
    allocate[1] = 3;
    assertFalse(StunSamples.parse(message, allocate));
    byte[] otherCookie = StunSamples.REQUEST.clone();
    otherCookie[4]++;
    assertFalse(StunSamples.parse(message, otherCookie));
    assertFalse(StunSamples.parse(message, new byte[0]));
    assertFalse(StunSamples.parse(message, new byte[StunMessage.BYTES_MAX + 4]));
  }

  @Property
  void everyTruncationIsRefused(@ForAll @IntRange(min = 0, max = 107) int length) {
    assertFalse(StunSamples.parse(message, Arrays.copyOf(StunSamples.REQUEST, length)));
  }

  @Property
  void everyFlippedBitIsNoticed(@ForAll @IntRange(min = 0, max = 108 * 8 - 1) int bit) {
    byte[] bytes = StunSamples.REQUEST.clone();
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    assertNotAuthenticated(bytes);
  }

  @Property
  void lengthsThatPointOutsideAreRefused(
      @ForAll @IntRange(min = 5, max = 26) int word, @ForAll short value) {
    byte[] bytes = StunSamples.REQUEST.clone();
    bytes[4 * word + 2] = (byte) (value >> 8);
    bytes[4 * word + 3] = (byte) value;
    if (!Arrays.equals(bytes, StunSamples.REQUEST)) {
      assertNotAuthenticated(bytes);
    }
  }

  /** A change inside FINGERPRINT may hide it, which leaves what the HMAC covers untouched. */
  private void assertNotAuthenticated(byte[] bytes) {
    boolean authenticated = StunSamples.parse(message, bytes) && integrity.verifies(message);
    if (Arrays.equals(StunSamples.REQUEST, 0, 100, bytes, 0, 100)) {
      assertFalse(authenticated && message.hasFingerprint());
    } else {
      assertFalse(authenticated);
    }
  }

  @Property
  void noiseBehindAHeaderNeverEscapesTheBounds(@ForAll @Size(max = 200) byte[] noise) {
    byte[] bytes = Arrays.copyOf(StunSamples.REQUEST, 20 + (noise.length & ~3));
    System.arraycopy(noise, 0, bytes, 20, bytes.length - 20);
    bytes[2] = (byte) ((bytes.length - 20) >> 8);
    bytes[3] = (byte) (bytes.length - 20);
    if (StunSamples.parse(message, bytes)) {
      assertFalse(integrity.verifies(message));
      message.localUfragKey();
    }
  }

  @Test
  void shortFragmentsAreTheirOwnKeys() {
    assertNotEquals(IceUfrag.key("abcdefgh"), IceUfrag.key("abcdefgi"));
    assertNotEquals(IceUfrag.key("a"), IceUfrag.key("aa"));
    assertTrue(IceUfrag.key("abcdefgh") > 0);
    assertTrue(IceUfrag.key("5k1j41g3c7h3q") < 0);
  }

  private static Message decode(byte[] bytes) throws StunException {
    return Message.decode(bytes, 0, bytes.length);
  }

  private static void assertMapped(String address, byte[] bytes) throws Exception {
    XorMappedAddressAttribute mapped =
        (XorMappedAddressAttribute) decode(bytes).getAttribute(Attribute.XOR_MAPPED_ADDRESS);
    byte[] transaction = Arrays.copyOfRange(bytes, 8, 20);
    TransportAddress expected = new TransportAddress(address, 40_000, Transport.UDP);
    assertArrayEquals(
        expected.getAddress().getAddress(),
        mapped.getAddress(transaction).getAddress().getAddress());
    assertEquals(40_000, mapped.getAddress(transaction).getPort());
  }

  private static boolean validates(Message decoded, byte[] bytes) throws Exception {
    TransportAddress from = new TransportAddress("127.0.0.1", 5000, Transport.UDP);
    return stack()
        .validateMessageIntegrity(
            (MessageIntegrityAttribute) decoded.getAttribute(Attribute.MESSAGE_INTEGRITY),
            "abcd:efgh",
            true,
            RawMessage.build(bytes, bytes.length, from, from));
  }

  private static StunStack stack() {
    byte[] key = StunSamples.PASSWORD.getBytes(StandardCharsets.UTF_8);
    StunStack stack = new StunStack();
    stack
        .getCredentialsManager()
        .registerAuthority(
            new CredentialsAuthority() {
              @Override
              public byte[] getLocalKey(String username) {
                return key;
              }

              @Override
              public byte[] getRemoteKey(String username, String media) {
                return key;
              }

              @Override
              public boolean checkLocalUserName(String username) {
                return true;
              }
            });
    return stack;
  }
}
