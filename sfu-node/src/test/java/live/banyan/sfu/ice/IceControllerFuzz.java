package live.banyan.sfu.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.ice.IceController.Handled;
import live.banyan.sfu.ice.IceController.Nomination;
import live.banyan.sfu.packet.PacketSink;

/**
 * Our controlling end, with a network of the fuzzer's: bytes as they are, answers to what was asked
 * and requests, signed by the peer or not, from any of some addresses, at any time.
 */
public final class IceControllerFuzz {
  private static final IceCredentials OURS =
      new IceCredentials("ours", "password-of-this-end-here");
  private static final IceCredentials THEIRS =
      new IceCredentials("peer", "password-of-the-peer-here");
  private static final int STEPS_MAX = 64;
  private static final int PORT = 4_000;
  private static final long MS = 1_000_000L;

  private final FuzzInput input;
  private final Sent sent = new Sent();
  private final Set<Long> proven = new HashSet<>();
  private final IceController controller;
  private long nowNs = Long.MAX_VALUE - 50 * MS; // the clock may wrap

  private IceControllerFuzz(FuzzInput input) {
    this.input = input;
    Nomination nomination = input.flag() ? Nomination.AGGRESSIVE : Nomination.REGULAR;
    controller = new IceController(OURS, THEIRS, nomination, new Random(1), nowNs);
    controller.addRemoteCandidate(0, address(0), PORT, 1, nowNs);
    controller.addRemoteCandidate(0, address(1), PORT, 2, nowNs);
  }

  public static void fuzzerTestOneInput(byte[] data) {
    IceControllerFuzz world = new IceControllerFuzz(new FuzzInput(data));
    for (int i = 0; i < STEPS_MAX && !world.input.isEmpty(); i++) {
      world.step();
    }
  }

  private static long address(int number) {
    return 0xffff_0a00_0000L | number;
  }

  private void step() {
    int kind = input.u8();
    long from = address(kind >> 4);
    switch (kind & 3) {
      case 0 -> {
        sent.count = 0;
        assertEquals(Handled.IGNORED, handle(input.chunk(), from), "nobody guesses a password");
        assertEquals(0, sent.count, "what is not signed is not answered");
      }
      case 1 -> {
        if (sent.asked) {
          answer(from, (kind & 4) != 0, (kind & 8) != 0);
        }
      }
      case 2 -> {
        byte[] username = (OURS.ufrag() + ":" + THEIRS.ufrag()).getBytes(StandardCharsets.US_ASCII);
        request(from, signed(StunMessage.BINDING_REQUEST, 7, 8, username, OURS.password()));
      }
      default -> {
        nowNs += input.u16() * MS;
        sent.count = 0;
        controller.poll(nowNs, sent);
        assertTrue(sent.count <= IceController.PAIRS_MAX, "a poll sends one check a pair");
        boolean failed = controller.state() == IceController.State.FAILED;
        assertEquals(failed, controller.nextDeadlineNs() == Long.MAX_VALUE);
      }
    }
    if (controller.hasSelected()) {
      assertTrue(proven.contains(controller.selectedLow()), "an address that proved itself");
      assertEquals(PORT, controller.selectedPort());
    }
  }

  /** To the check that was sent last. */
  private void answer(long from, boolean success, boolean signs) {
    int type = success ? StunMessage.BINDING_SUCCESS : StunMessage.BINDING_ERROR;
    String password = signs ? THEIRS.password() : OURS.password();
    byte[] answer = signed(type, sent.transactionHigh, sent.transactionLow, new byte[0], password);
    sent.count = 0;
    Handled handled = handle(answer, from);
    assertEquals(0, sent.count, "an answer is not answered");
    if (handled == Handled.AUTHENTIC) {
      assertTrue(signs && from == sent.askedOf, "an answer of whom was asked");
      proven.add(from);
    }
  }

  private void request(long from, byte[] request) {
    sent.count = 0;
    Handled handled = handle(request, from);
    assertTrue(sent.count <= 1);
    if (sent.count == 1) {
      assertEquals(Handled.AUTHENTIC, handled);
      assertEquals(from, sent.to);
      assertTrue(sent.bytes <= request.length, "an answer may not amplify");
    }
  }

  private Handled handle(byte[] datagram, long from) {
    MemorySegment segment = FuzzInput.packet(datagram);
    return controller.handleDatagram(
        segment, FuzzInput.LEAD, datagram.length, 0, from, PORT, nowNs, sent);
  }

  /** A message whose attributes between USERNAME and MESSAGE-INTEGRITY are the fuzzer's. */
  private byte[] signed(int type, long high, int low, byte[] username, String password) {
    byte[] attributes = input.chunk();
    byte[] whole = Arrays.copyOf(attributes, Math.min(attributes.length, 1_200) + 3 & ~3);
    int named = username.length == 0 ? 0 : 4 + (username.length + 3 & ~3);
    int integrityAt = StunMessage.HEADER_BYTES + named + whole.length;
    ByteBuffer out = ByteBuffer.allocate(integrityAt + 24);
    out.putShort((short) type).putShort((short) 0).putInt(StunMessage.MAGIC_COOKIE);
    out.putLong(high).putInt(low);
    if (named > 0) {
      out.putShort((short) StunAttribute.USERNAME).putShort((short) username.length).put(username);
    }
    out.position(StunMessage.HEADER_BYTES + named);
    out.put(whole).putShort((short) StunAttribute.MESSAGE_INTEGRITY).putShort((short) 20);
    new StunIntegrity(password).sign(out.array(), integrityAt);
    return out.array();
  }

  /** Counts what is sent, and keeps the transaction of the check that was sent last. */
  private static final class Sent implements PacketSink {
    private final MemorySegment memory = Arena.ofAuto().allocate(2_048);
    int count;
    int bytes;
    long to;
    boolean asked;
    long askedOf;
    long transactionHigh;
    int transactionLow;

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public long claim(long addressHigh, long addressLow, int port, int maxLength) {
      assertTrue(maxLength <= 1_500 && port == PORT);
      to = addressLow;
      return 0;
    }

    @Override
    public void commit(int length) {
      count++;
      bytes = length;
      byte[] message = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      StunMessage read = new StunMessage();
      assertTrue(read.parse(MemorySegment.ofArray(message), 0, length), "what we write is STUN");
      if (read.isRequest()) {
        asked = true;
        askedOf = to;
        transactionHigh = read.transactionHigh();
        transactionLow = read.transactionLow();
      }
    }

    @Override
    public void flush() {}
  }
}
