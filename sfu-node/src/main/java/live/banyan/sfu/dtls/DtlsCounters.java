package live.banyan.sfu.dtls;

import java.util.concurrent.atomic.LongAdder;

/** What an endpoint's associations have done since the start. Safe from any thread. */
public final class DtlsCounters {
  final LongAdder started = new LongAdder();
  final LongAdder ended = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder timedOut = new LongAdder();
  final LongAdder wrongFingerprint = new LongAdder();
  final LongAdder overflowed = new LongAdder();
  final LongAdder malformed = new LongAdder();
  final LongAdder discarded = new LongAdder();
  final LongAdder waited = new LongAdder();

  /** Handshakes begun. */
  public long started() {
    return started.sum();
  }

  /** Handshakes begun and neither completed nor ended. */
  public long running() {
    return Math.max(0, started.sum() - ended.sum());
  }

  /** Handshakes that led to keys. */
  public long completed() {
    return completed.sum();
  }

  /** Handshakes that ended as FAILED. */
  public long failed() {
    return failed.sum();
  }

  /** Handshakes that ended as TIMED_OUT. */
  public long timedOut() {
    return timedOut.sum();
  }

  /** Handshakes that ended as WRONG_FINGERPRINT. */
  public long wrongFingerprint() {
    return wrongFingerprint.sum();
  }

  /** Datagrams dropped because an association's queue was full. */
  public long overflowed() {
    return overflowed.sum();
  }

  /** Datagrams dropped because they do not begin with a DTLS record. */
  public long malformed() {
    return malformed.sum();
  }

  /** Datagrams after the handshake that carried nothing: forged, replayed, or repeated flights. */
  public long discarded() {
    return discarded.sum();
  }

  /** Times that a handshake waited for others to leave the CPU. */
  public long waited() {
    return waited.sum();
  }
}
