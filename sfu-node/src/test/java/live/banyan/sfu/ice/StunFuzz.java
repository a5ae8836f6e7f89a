package live.banyan.sfu.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import live.banyan.fuzz.FuzzInput;

/** A datagram as it is; or its bytes as the attributes of a request that the peer has signed. */
public final class StunFuzz {
  private static final IceCredentials OURS =
      new IceCredentials("ours", "password-of-this-end-here");
  private static final IceCredentials THEIRS =
      new IceCredentials("peer", "password-of-the-peer-here");

  private StunFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    boolean signed = input.flag();
    byte[] datagram = signed ? signed(input.rest()) : input.rest();
    StunMessage message = new StunMessage();
    MemorySegment segment = FuzzInput.packet(datagram);
    if (!message.parse(segment, FuzzInput.LEAD, datagram.length)) {
      return;
    }
    assertEquals(datagram.length, message.length());
    assertTrue(message.unknownCount() <= StunMessage.UNKNOWN_MAX);
    assertTrue(message.errorCode() >= 0 && message.errorCode() <= 799);
    assertTrue(message.mappedPort() >= 0 && message.mappedPort() <= 0xffff);
    assertTrue(message.priority() >= 0);
    message.localUfragKey();
    if (message.isRequest()) {
      answer(message, signed);
    }
  }

  private static void answer(StunMessage request, boolean signed) {
    IceLite end = new IceLite(OURS, THEIRS);
    StunWriter writer = new StunWriter();
    IceLite.Outcome outcome = end.answer(request, writer, 0, 0xffff_7f00_0001L, 4711);
    assertTrue(writer.length() <= request.length(), "an answer may not amplify");
    assertTrue(signed || !outcome.authenticated(), "nobody guesses the password");
    if (writer.length() == 0) {
      return;
    }
    byte[] answer = new byte[writer.length()];
    writer.copyTo(MemorySegment.ofArray(answer), 0);
    StunMessage read = new StunMessage();
    assertTrue(read.parse(FuzzInput.packet(answer), FuzzInput.LEAD, answer.length));
    assertEquals(request.transactionHigh(), read.transactionHigh());
    assertEquals(request.transactionLow(), read.transactionLow());
    assertTrue(read.isSuccess() || read.isError());
    assertTrue(read.hasFingerprint());
    if (read.isSuccess()) {
      assertEquals(4711, read.mappedPort());
      assertEquals(0xffff_7f00_0001L, read.mappedLow());
    }
  }

  private static byte[] signed(byte[] attributes) {
    byte[] whole = Arrays.copyOf(attributes, Math.min(attributes.length, 1200) + 3 & ~3);
    int integrityAt = 20 + 16 + whole.length;
    ByteBuffer out = ByteBuffer.allocate(integrityAt + 24);
    out.putShort((short) StunMessage.BINDING_REQUEST).putShort((short) 0);
    out.putInt(StunMessage.MAGIC_COOKIE).putLong(1).putInt(2);
    out.putShort((short) StunAttribute.USERNAME).putShort((short) 9);
    out.put("ours:peer".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).put(new byte[3]);
    out.put(whole).putShort((short) StunAttribute.MESSAGE_INTEGRITY).putShort((short) 20);
    new StunIntegrity(OURS.password()).sign(out.array(), integrityAt);
    return out.array();
  }
}
