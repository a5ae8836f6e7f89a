package live.banyan.sfu.sctp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Stream resets, by which browsers close a channel (RFC 6525 §5, RFC 8831 §6.7). */
final class StreamResets {
  /** Streams in one request: what fits into a packet. */
  private static final int STREAMS_MAX = 200;

  /** Answers waited for; a peer that gives none has forgotten the channel as well. */
  private static final int ATTEMPTS_MAX = 10;

  private static final int NOTHING_TO_DO = 0;
  private static final int PERFORMED = 1;
  private static final int DENIED = 2;
  private static final int BAD_SEQUENCE = 5;
  private static final int IN_PROGRESS = 6;

  private final boolean supported;
  private final Inbound inbound;
  private final Outbound outbound;
  private final Consumer<SctpEvent> events;
  private final TreeSet<Integer> wanted = new TreeSet<>();

  private int nextRequest;
  private int expected;
  private int lastResult = NOTHING_TO_DO;
  private Chunk.Reset.@Nullable Outgoing asked;
  private Chunk.Reset.@Nullable Outgoing deferred;
  private long resendAtNs = Long.MAX_VALUE;
  private int attempts;

  /**
   * @param firstRequest this end's first request number: its initial TSN
   * @param firstExpected the peer's
   */
  StreamResets(
      boolean supported,
      Inbound inbound,
      Outbound outbound,
      Consumer<SctpEvent> events,
      int firstRequest,
      int firstExpected) {
    this.supported = supported;
    this.inbound = inbound;
    this.outbound = outbound;
    this.events = events;
    this.nextRequest = firstRequest;
    this.expected = firstExpected;
  }

  /** Resets this end of a stream once what waits on it has left. */
  void want(int stream) {
    if (supported) {
      wanted.add(stream);
    } else {
      events.accept(new SctpEvent.ResetDone(List.of(stream)));
    }
  }

  long resendAtNs() {
    return resendAtNs;
  }

  /** The request to send now: a new one, or the last one again when it is due. */
  @Nullable Chunk request(long nowNs, long rtoNs) {
    Chunk.Reset.Outgoing request = asked;
    if (request == null) {
      int[] ready =
          wanted.stream()
              .filter(stream -> !outbound.waits(stream))
              .limit(STREAMS_MAX)
              .mapToInt(Integer::intValue)
              .toArray();
      if (ready.length == 0) {
        return null;
      }
      Arrays.stream(ready).forEach(wanted::remove);
      request =
          new Chunk.Reset.Outgoing(nextRequest++, expected - 1, (int) outbound.lastTsn(), ready);
      asked = request;
      attempts = 0;
    } else if (nowNs < resendAtNs) {
      return null;
    } else if (++attempts > ATTEMPTS_MAX) {
      done(request);
      return null;
    }
    resendAtNs = nowNs + rtoNs;
    return new Chunk.Reconfig(List.of(request));
  }

  /** Takes the peer's parameters; returns the answers to them. */
  List<Chunk> onReconfig(Chunk.Reconfig reconfig) {
    List<Chunk> answers = new ArrayList<>();
    for (Chunk.Reset parameter : reconfig.parameters()) {
      switch (parameter) {
        case Chunk.Reset.Outgoing outgoing ->
            answers.add(answer(outgoing.request(), () -> onOutgoing(outgoing)));
        case Chunk.Reset.Incoming incoming ->
            answers.add(answer(incoming.request(), () -> onIncoming(incoming)));
        case Chunk.Reset.Other other -> answers.add(answer(other.request(), () -> DENIED));
        case Chunk.Reset.Response response -> onResponse(response);
      }
    }
    return answers;
  }

  private Chunk answer(int request, java.util.function.IntSupplier perform) {
    int result;
    if (request == expected) {
      result = perform.getAsInt();
      if (result != IN_PROGRESS) {
        expected++;
        lastResult = result;
      }
    } else {
      result = request == expected - 1 ? lastResult : BAD_SEQUENCE;
    }
    return response(request, result);
  }

  private static Chunk response(int request, int result) {
    return new Chunk.Reconfig(List.of(new Chunk.Reset.Response(request, result)));
  }

  private int onOutgoing(Chunk.Reset.Outgoing outgoing) {
    if (Tsn.unwrap(outgoing.lastTsn(), inbound.cumulative()) > inbound.cumulative()) {
      deferred = outgoing;
      return IN_PROGRESS;
    }
    perform(outgoing);
    return PERFORMED;
  }

  private void perform(Chunk.Reset.Outgoing outgoing) {
    deferred = null;
    List<Integer> streams =
        outgoing.streams().length == 0
            ? inbound.streams()
            : Arrays.stream(outgoing.streams()).distinct().boxed().toList();
    inbound.reset(streams);
    events.accept(new SctpEvent.PeerReset(streams));
  }

  private int onIncoming(Chunk.Reset.Incoming incoming) {
    // Closing belongs to whoever owns the channel: it is told as if the peer had closed its end.
    List<Integer> streams = Arrays.stream(incoming.streams()).distinct().boxed().toList();
    if (streams.isEmpty()) {
      return DENIED;
    }
    events.accept(new SctpEvent.PeerReset(streams));
    return PERFORMED;
  }

  private void onResponse(Chunk.Reset.Response response) {
    Chunk.Reset.Outgoing request = asked;
    if (request == null
        || response.request() != request.request()
        || response.result() == IN_PROGRESS) {
      return;
    }
    done(request);
  }

  private void done(Chunk.Reset.Outgoing request) {
    asked = null;
    resendAtNs = Long.MAX_VALUE;
    List<Integer> streams = Arrays.stream(request.streams()).boxed().toList();
    outbound.reset(streams);
    events.accept(new SctpEvent.ResetDone(streams));
  }

  /** Performs what had to wait for data; the answer, or null. */
  @Nullable Chunk catchUp() {
    Chunk.Reset.Outgoing waiting = deferred;
    if (waiting == null
        || waiting.request() != expected
        || Tsn.unwrap(waiting.lastTsn(), inbound.cumulative()) > inbound.cumulative()) {
      return null;
    }
    perform(waiting);
    expected++;
    lastResult = PERFORMED;
    return response(waiting.request(), PERFORMED);
  }
}
