package live.banyan.sfu.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.packet.SrtpKeys;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.jspecify.annotations.Nullable;

/**
 * A handshake behind our queue. Either one end hears the fuzzer alone, whose handshake messages may
 * be put into records and fragments for it; or two ends hear each other, and the fuzzer loses,
 * repeats, cuts, changes and adds what it likes between them. Nobody gets keys but two ends that
 * have the same; each ends, and says little.
 */
public final class DtlsHandshakeFuzz {
  private static final int RECORDS_MAX = 64;
  private static final int WORDS_MAX = 64;
  private static final int HANDSHAKE = 22;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final DtlsEndpoint SERVER = endpoint();
  private static final DtlsEndpoint CLIENT = endpoint();

  private DtlsHandshakeFuzz() {}

  /** Flights are never sent again: what is lost is lost, and the other end is told to give up. */
  private static DtlsEndpoint endpoint() {
    DtlsLimits limits = new DtlsLimits(60_000, 60_000, RECORDS_MAX, 2);
    return new DtlsEndpoint(DtlsIdentity.generate(RANDOM), limits, RANDOM);
  }

  public static void fuzzerTestOneInput(byte[] data) throws InterruptedException {
    FuzzInput input = new FuzzInput(data);
    int kind = input.u8();
    if ((kind & 1) == 0) {
      alone(input, (kind & 2) != 0);
    } else {
      new Between(input).run();
    }
  }

  // --- one end and the fuzzer
  // ---------------------------------------------------------------------

  private static void alone(FuzzInput input, boolean client) {
    End end = new End(client);
    int[] heard = {0, 0};
    DtlsQueue.Turnstile network =
        new DtlsQueue.Turnstile() {
          @Override
          public void leave() {
            if (input.isEmpty() || heard[0] == RECORDS_MAX) {
              end.queue().shut();
            } else {
              byte[] datagram = datagram(input, heard);
              end.queue().offer(datagram);
            }
          }

          @Override
          public void enter() {}
        };
    int[] said = {0, 0};
    end.handshake(
        new DtlsQueue(
            RECORDS_MAX,
            datagram -> {
              said[0]++;
              said[1] += datagram.length;
              assertTrue(datagram.length <= DtlsQueue.SEND_BYTES_MAX);
            },
            network));
    assertNull(end.keys, "the fuzzer has no certificate");
    // A flight of ours has 3 datagrams at most, an alert is one more; the client speaks first.
    assertTrue(said[0] <= 3 * (heard[0] + 1) + 1, "answers are bounded");
  }

  /** A datagram as it is, or a handshake message or a part of one in a record. */
  private static byte[] datagram(FuzzInput input, int[] heard) {
    int kind = input.u8();
    byte[] content = input.bytes(input.u16() & 0x7ff);
    heard[0]++;
    if ((kind & 3) == 0) {
      return Arrays.copyOf(content, Math.min(content.length, DtlsQueue.RECEIVE_BYTES_MAX));
    }
    int length = Math.min(content.length, 1_200);
    boolean whole = (kind & 4) != 0;
    int total = whole ? length : input.u16();
    ByteBuffer out = ByteBuffer.allocate(13 + 12 + length);
    out.put((byte) HANDSHAKE).putShort((short) 0xfefd).putShort((short) 0);
    out.putShort((short) 0).putInt(heard[0]).putShort((short) (12 + length));
    out.put((byte) (kind >> 3)).put((byte) 0).putShort((short) total);
    out.putShort((short) (whole ? heard[1]++ : input.u8()));
    out.put((byte) 0).putShort((short) (whole ? 0 : input.u16()));
    out.put((byte) 0).putShort((short) length).put(content, 0, length);
    return out.array();
  }

  // --- two ends, with the fuzzer between them
  // -----------------------------------------------------

  /** One end, on the thread that calls {@link #handshake}. */
  private static final class End {
    private final boolean client;
    private @Nullable DtlsQueue queue;
    @Nullable SrtpKeys keys;
    @Nullable DTLSTransport transport;

    End(boolean client) {
      this.client = client;
    }

    DtlsQueue queue() {
      return java.util.Objects.requireNonNull(queue);
    }

    void handshake(DtlsQueue over) {
      queue = over;
      DtlsEndpoint own = client ? CLIENT : SERVER;
      DtlsTerms terms = new DtlsTerms(own, (client ? SERVER : CLIENT).identity().fingerprint());
      try {
        transport =
            client
                ? new DTLSClientProtocol().connect(new DtlsClientRole(own, terms), over)
                : new DTLSServerProtocol().accept(new DtlsServerRole(own, terms), over);
        keys = terms.takeKeys();
      } catch (IOException | RuntimeException refused) {
        keys = null; // as an association takes both: the handshake has failed
      } finally {
        over.finishFlights();
      }
    }
  }

  private static final class Between {
    private final FuzzInput input;
    private final End[] ends = {new End(false), new End(true)};
    private final DtlsQueue[] queues = new DtlsQueue[2];
    private final boolean[] waiting = new boolean[2];
    private final boolean[] ended = new boolean[2];
    private int words;
    private byte @Nullable [] kept;
    private @Nullable Throwable broken;

    Between(FuzzInput input) {
      this.input = input;
      for (int i = 0; i < 2; i++) {
        int to = 1 - i;
        queues[i] = new DtlsQueue(RECORDS_MAX, datagram -> carry(datagram, to), turnstile(i));
      }
    }

    void run() throws InterruptedException {
      Thread server =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((t, e) -> broken = e)
              .start(() -> handshake(0));
      handshake(1);
      server.join(20_000);
      assertFalse(server.isAlive(), "both end");
      assertNull(broken, () -> "the server's end: " + broken);
      assertTrue(words <= 2 * WORDS_MAX, "both say little");
      SrtpKeys theirs = ends[0].keys;
      SrtpKeys ours = ends[1].keys;
      if (theirs != null && ours != null) {
        assertEquals(theirs.profile(), ours.profile());
        assertArrayEquals(theirs.localKey(), ours.remoteKey());
        assertArrayEquals(theirs.remoteKey(), ours.localKey());
        assertArrayEquals(theirs.localSalt(), ours.remoteSalt());
        afterwards();
      }
    }

    private void handshake(int end) {
      try {
        ends[end].handshake(queues[end]);
      } finally {
        ends(end);
      }
    }

    private DtlsQueue.Turnstile turnstile(int end) {
      return new DtlsQueue.Turnstile() {
        @Override
        public void leave() {
          waits(end, true);
        }

        @Override
        public void enter() {
          waits(end, false);
        }
      };
    }

    private synchronized void waits(int end, boolean now) {
      waiting[end] = now;
      check();
    }

    private synchronized void ends(int end) {
      ended[end] = true;
      check();
    }

    /** Where nobody has anything to read, who waits would wait for ever. */
    private void check() {
      if (isStill(0) && isStill(1)) {
        queues[0].shut();
        queues[1].shut();
      }
    }

    private boolean isStill(int end) {
      return ended[end] || waiting[end] && queues[end].isEmpty();
    }

    private synchronized void carry(byte[] datagram, int to) {
      words++;
      assertTrue(datagram.length <= DtlsQueue.SEND_BYTES_MAX);
      int kind = input.u8();
      switch (kind & 15) {
        case 1 -> {} // lost
        case 2 -> {
          queues[to].offer(datagram);
          queues[to].offer(datagram.clone());
        }
        case 3 -> {
          for (int changes = 0; changes <= kind >> 4; changes++) {
            datagram[input.u16() % datagram.length] ^= (byte) input.u8();
          }
          queues[to].offer(datagram);
        }
        case 4 -> queues[to].offer(Arrays.copyOf(datagram, input.u16() % (datagram.length + 1)));
        case 5 -> {
          queues[to].offer(input.bytes(input.u16() & 0x3ff));
          queues[to].offer(datagram);
        }
        case 6 -> {
          if (kept != null) {
            queues[to].offer(kept); // said before, to whomever
          }
          queues[to].offer(datagram);
          kept = datagram.clone();
        }
        case 7 -> parts(datagram, to);
        default -> queues[to].offer(datagram);
      }
    }

    /**
     * A first handshake message in two fragments (RFC 6347 §4.2.3) of one record, then the rest.
     */
    private void parts(byte[] datagram, int to) {
      ByteBuffer in = ByteBuffer.wrap(datagram);
      int record = datagram.length < 25 ? 0 : 13 + (in.getShort(11) & 0xffff);
      boolean clear = record >= 25 && datagram[0] == HANDSHAKE && in.getShort(3) == 0;
      int length = clear ? in.getInt(21) & 0xff_ffff : 0;
      if (!clear || record != 25 + length || length < 2) {
        queues[to].offer(datagram);
        return;
      }
      int first = 1 + input.u16() % (length - 1);
      ByteBuffer out = ByteBuffer.allocate(12 + record);
      out.put(datagram, 0, 11).putShort((short) (24 + length));
      fragment(out, datagram, 0, first);
      fragment(out, datagram, first, length - first);
      queues[to].offer(out.array());
      if (record < datagram.length) {
        queues[to].offer(Arrays.copyOfRange(datagram, record, datagram.length));
      }
    }

    private static void fragment(ByteBuffer out, byte[] datagram, int from, int size) {
      out.put(datagram, 13, 6); // type, length and number of the message
      out.put((byte) 0).putShort((short) from).put((byte) 0).putShort((short) size);
      out.put(datagram, 25 + from, size);
    }

    /** Records of the fuzzer's to an end that is connected carry nothing. */
    private void afterwards() {
      DTLSTransport transport = ends[0].transport;
      byte[] buffer = new byte[DtlsQueue.RECEIVE_BYTES_MAX];
      try {
        for (int i = 0; i < 8 && !input.isEmpty() && transport != null; i++) {
          queues[0].offer(input.bytes(input.u16() & 0x7ff));
          assertTrue(transport.receive(buffer, 0, buffer.length, 1) <= 0, "nobody has its keys");
        }
      } catch (IOException | RuntimeException ended) {
        assertTrue(ended.toString().length() > 0);
      }
    }
  }
}
