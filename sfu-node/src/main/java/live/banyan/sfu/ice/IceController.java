package live.banyan.sfu.ice;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import live.banyan.sfu.packet.PacketSink;
import org.jspecify.annotations.Nullable;

/**
 * The full, controlling end of one transport over one socket (RFC 8445), for our own publishers and
 * viewers. Sans-IO: give it datagrams and time, and it writes checks and answers to the sink; call
 * {@link #poll} again at {@link #nextDeadlineNs}. Local candidates are not told apart: a check from
 * the socket shows the far end where it comes from. Not thread safe.
 */
public final class IceController {
  /** Remote addresses that are checked at most; more are ignored. */
  public static final int PAIRS_MAX = 32;

  /** Time between two first checks (Ta, RFC 8445 §14.2 allows down to 5 ms). */
  private static final long PACING_NS = 20_000_000L;

  /** Checks that never succeed end after this. */
  private static final long CONNECT_TIMEOUT_NS = 15_000_000_000L;

  /**
   * Mean time between consent checks. RFC 7675 §5.1 says 5 s; a node gives a transport up after 4 s
   * without an authenticated packet, and browsers check this often too.
   */
  private static final long CONSENT_INTERVAL_NS = 2_500_000_000L;

  /** RFC 7675 §5.1: consent lasts 30 s beyond the last answer. */
  private static final long CONSENT_TIMEOUT_NS = 30_000_000_000L;

  /** Peer-reflexive, the only type that a check's PRIORITY may claim (RFC 8445 §5.1.2.2). */
  private static final int CHECK_PRIORITY = 110 << 24 | 0xffff << 8 | 255;

  private final Nomination nomination;
  private final RandomGenerator random;
  private final long tieBreaker;
  private final List<IcePair> pairs = new ArrayList<>();
  private final StunMessage message = new StunMessage();
  private final StunWriter writer = new StunWriter();

  private byte[] outgoingUsername;
  private byte[] incomingUsername;
  private StunIntegrity remoteIntegrity;
  private StunIntegrity localIntegrity;

  private boolean controlling = true;
  private State state = State.CHECKING;
  private @Nullable IcePair selected;
  private long selectedHigh;
  private long selectedLow;
  private int selectedPort;
  private long startedNs;
  private long pacedUntilNs;
  private long consentUntilNs;
  private long roundTripNs = -1;

  /** When USE-CANDIDATE is sent. */
  public enum Nomination {
    /** With every check: one round trip less; the best pair that answers is used. */
    AGGRESSIVE,
    /** In a check of its own, after a pair has answered (RFC 8445 §8.1.1). */
    REGULAR
  }

  /** How far connectivity is. */
  public enum State {
    /** No pair has been nominated under the present credentials. */
    CHECKING,
    /** A pair is nominated and the peer consents. */
    CONNECTED,
    /** Nobody answered in time, or consent expired. Final until a restart. */
    FAILED
  }

  /** What a datagram was. */
  public enum Handled {
    /** Belongs to this transport: proof that the peer lives. */
    AUTHENTIC,
    /** STUN that is malformed, forged, late or unasked for. */
    IGNORED
  }

  /** Begins checks; {@code random} makes transaction ids, so it must be hard to guess. */
  public IceController(
      IceCredentials local,
      IceCredentials remote,
      Nomination nomination,
      RandomGenerator random,
      long nowNs) {
    this.nomination = nomination;
    this.random = random;
    this.tieBreaker = random.nextLong();
    this.startedNs = nowNs;
    this.pacedUntilNs = nowNs;
    this.outgoingUsername = username(remote, local);
    this.incomingUsername = username(local, remote);
    this.remoteIntegrity = new StunIntegrity(remote.password());
    this.localIntegrity = new StunIntegrity(local.password());
  }

  private static byte[] username(IceCredentials receiver, IceCredentials sender) {
    return (receiver.ufrag() + ":" + sender.ufrag()).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * New credentials on both ends (RFC 8445 §9): all pairs are checked anew, while {@code
   * selected...} stays the address to use until one of them is nominated.
   */
  public void restart(IceCredentials local, IceCredentials remote, long nowNs) {
    outgoingUsername = username(remote, local);
    incomingUsername = username(local, remote);
    remoteIntegrity = new StunIntegrity(remote.password());
    localIntegrity = new StunIntegrity(local.password());
    state = State.CHECKING;
    selected = null;
    startedNs = nowNs;
    pacedUntilNs = nowNs;
    for (IcePair pair : pairs) {
      pair.succeeded = false;
      pair.wanted = false;
      pair.begin(nowNs);
    }
  }

  /** A candidate of the peer; known ones and more than {@link #PAIRS_MAX} are ignored. */
  public void addRemoteCandidate(
      long addressHigh, long addressLow, int port, long priority, long nowNs) {
    if (pairs.size() < PAIRS_MAX && find(addressHigh, addressLow, port) == null) {
      pairs.add(new IcePair(addressHigh, addressLow, port, priority, nowNs));
    }
  }

  /** Sends what is due. The caller flushes the sink. */
  public void poll(long nowNs, PacketSink sink) {
    if (state == State.FAILED) {
      return;
    }
    if (state == State.CHECKING && nowNs - startedNs >= CONNECT_TIMEOUT_NS
        || state == State.CONNECTED && nowNs - consentUntilNs >= 0) {
      state = State.FAILED;
      return;
    }
    for (int i = 0; i < pairs.size(); i++) {
      IcePair pair = pairs.get(i);
      if (pair.nextCheckNs == IcePair.NEVER || nowNs - pair.nextCheckNs < 0) {
        continue;
      }
      boolean first = !pair.outstanding && !pair.succeeded;
      if (first && nowNs - pacedUntilNs < 0) {
        pair.nextCheckNs = pacedUntilNs;
        continue;
      }
      if (first) {
        pacedUntilNs = nowNs + PACING_NS;
      }
      sendCheck(pair, nowNs, sink);
    }
  }

  /** When {@link #poll} has something to do next; Long.MAX_VALUE after a failure. */
  public long nextDeadlineNs() {
    if (state == State.FAILED) {
      return Long.MAX_VALUE;
    }
    long next = state == State.CHECKING ? startedNs + CONNECT_TIMEOUT_NS : consentUntilNs;
    for (int i = 0; i < pairs.size(); i++) {
      long check = pairs.get(i).nextCheckNs;
      if (check != IcePair.NEVER && check - next < 0) {
        next = check;
      }
    }
    return next;
  }

  private void sendCheck(IcePair pair, long nowNs, PacketSink sink) {
    boolean consent = state == State.CONNECTED && pair == selected;
    if (consent || !pair.outstanding) {
      // Consent checks are transactions of their own and are not retransmitted (RFC 7675 §5.1).
      pair.transactionHigh = random.nextLong();
      pair.transactionLow = random.nextInt();
      pair.nominating =
          controlling && !consent && (nomination == Nomination.AGGRESSIVE || pair.succeeded);
    }
    writer.startRequest(pair.transactionHigh, pair.transactionLow);
    writer.username(outgoingUsername);
    writer.priority(CHECK_PRIORITY);
    writer.role(controlling, tieBreaker);
    if (pair.nominating) {
      writer.useCandidate();
    }
    writer.integrity(remoteIntegrity);
    writer.finish();
    send(pair.addressHigh, pair.addressLow, pair.port, sink);
    pair.sent(nowNs);
    if (consent) {
      pair.nextCheckNs = nowNs + consentInterval();
    }
  }

  /** Spread by a fifth, so that many sessions do not fall into step (RFC 7675 §5.1). */
  private long consentInterval() {
    return (long) (CONSENT_INTERVAL_NS * (0.8 + 0.4 * random.nextDouble()));
  }

  private void send(long addressHigh, long addressLow, int port, PacketSink sink) {
    long slot = sink.claim(addressHigh, addressLow, port, writer.length());
    writer.copyTo(sink.memory(), slot);
    sink.commit(writer.length());
  }

  /** Takes a STUN datagram (first byte 0 to 3); may answer through the sink. */
  public Handled handleDatagram(
      MemorySegment datagram,
      long offset,
      int length,
      long addressHigh,
      long addressLow,
      int port,
      long nowNs,
      PacketSink sink) {
    if (!message.parse(datagram, offset, length)) {
      return Handled.IGNORED;
    }
    if (message.isRequest()) {
      return handleRequest(addressHigh, addressLow, port, nowNs, sink);
    }
    IcePair pair = find(addressHigh, addressLow, port);
    if (message.isIndication()
        || pair == null
        || !pair.awaits(message)
        || !remoteIntegrity.verifies(message)) {
      return Handled.IGNORED;
    }
    pair.outstanding = false;
    if (message.isSuccess()) {
      handleSuccess(pair, nowNs);
    } else if (message.errorCode() == 487) {
      controlling = !controlling;
      pair.begin(nowNs);
    } // any other error: the retransmission timer asks again
    return Handled.AUTHENTIC;
  }

  private void handleSuccess(IcePair pair, long nowNs) {
    roundTripNs = nowNs - pair.sentNs;
    pair.succeeded = true;
    pair.nextCheckNs = IcePair.NEVER;
    if (pair == selected) {
      consentUntilNs = nowNs + CONSENT_TIMEOUT_NS;
      pair.nextCheckNs = nowNs + consentInterval();
    } else if (controlling ? pair.nominating : pair.wanted) {
      select(pair, nowNs);
    } else if (controlling && selected == null) {
      pair.begin(nowNs); // the next check nominates
    }
  }

  private void select(IcePair pair, long nowNs) {
    if (selected != null && selected.priority > pair.priority) {
      return;
    }
    if (selected != null) {
      selected.nextCheckNs = IcePair.NEVER;
    }
    selected = pair;
    selectedHigh = pair.addressHigh;
    selectedLow = pair.addressLow;
    selectedPort = pair.port;
    state = State.CONNECTED;
    consentUntilNs = nowNs + CONSENT_TIMEOUT_NS;
    pair.nextCheckNs = nowNs + consentInterval();
  }

  /** Checks of a full peer (RFC 8445 §7.3): answered, and the same path is checked from here. */
  private Handled handleRequest(
      long addressHigh, long addressLow, int port, long nowNs, PacketSink sink) {
    if (!message.hasUsername(incomingUsername) || !localIntegrity.verifies(message)) {
      return Handled.IGNORED;
    }
    if (conflicts()) {
      if (Long.compareUnsigned(tieBreaker, message.tieBreaker()) >= 0 == controlling) {
        writer.startResponse(message, StunMessage.BINDING_ERROR);
        writer.errorCode(487);
        answer(addressHigh, addressLow, port, sink);
        return Handled.AUTHENTIC;
      }
      controlling = !controlling;
    }
    writer.startResponse(message, StunMessage.BINDING_SUCCESS);
    writer.xorMappedAddress(addressHigh, addressLow, port);
    answer(addressHigh, addressLow, port, sink);
    addRemoteCandidate(addressHigh, addressLow, port, message.priority(), nowNs);
    IcePair pair = find(addressHigh, addressLow, port);
    if (pair != null && message.useCandidate() && !controlling) {
      pair.wanted = true;
      if (pair.succeeded) {
        select(pair, nowNs);
      }
    }
    return Handled.AUTHENTIC;
  }

  /** Signs and sends what was written, unless it is longer than what it answers. */
  private void answer(long addressHigh, long addressLow, int port, PacketSink sink) {
    writer.integrity(localIntegrity);
    writer.finish();
    if (writer.length() <= message.length()) {
      send(addressHigh, addressLow, port, sink);
    }
  }

  private boolean conflicts() {
    return controlling ? message.controlling() : message.controlled();
  }

  private @Nullable IcePair find(long addressHigh, long addressLow, int port) {
    for (int i = 0; i < pairs.size(); i++) {
      if (pairs.get(i).isAt(addressHigh, addressLow, port)) {
        return pairs.get(i);
      }
    }
    return null;
  }

  public State state() {
    return state;
  }

  /** Whether an address has ever been nominated, so that {@code selected...} mean something. */
  public boolean hasSelected() {
    return selectedPort != 0;
  }

  public long selectedHigh() {
    return selectedHigh;
  }

  public long selectedLow() {
    return selectedLow;
  }

  public int selectedPort() {
    return selectedPort;
  }

  /** Time of the last answered check, or -1. */
  public long roundTripNs() {
    return roundTripNs;
  }
}
