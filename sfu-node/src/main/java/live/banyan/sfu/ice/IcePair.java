package live.banyan.sfu.ice;

/** One remote address as seen from our one socket: a candidate pair and its checks. */
final class IcePair {
  /** First retransmission; doubles. The path is known to exist, so sooner than RFC 8445 §14.3. */
  private static final long FIRST_RETRY_NS = 100_000_000L;

  private static final long LONGEST_RETRY_NS = 1_600_000_000L;

  /** No check is due. */
  static final long NEVER = Long.MAX_VALUE;

  final long addressHigh;
  final long addressLow;
  final int port;
  final long priority;

  /** When to send the next check, or {@link #NEVER}. */
  long nextCheckNs;

  long retryNs = FIRST_RETRY_NS;
  boolean outstanding;
  long transactionHigh;
  int transactionLow;
  long sentNs;

  /** The outstanding check carries USE-CANDIDATE. */
  boolean nominating;

  boolean succeeded;

  /** The controlling peer has asked for this pair (only while we are controlled). */
  boolean wanted;

  IcePair(long addressHigh, long addressLow, int port, long priority, long nowNs) {
    this.addressHigh = addressHigh;
    this.addressLow = addressLow;
    this.port = port;
    this.priority = priority;
    this.nextCheckNs = nowNs;
  }

  boolean isAt(long high, long low, int otherPort) {
    return addressHigh == high && addressLow == low && port == otherPort;
  }

  boolean awaits(StunMessage response) {
    return outstanding
        && transactionHigh == response.transactionHigh()
        && transactionLow == response.transactionLow();
  }

  /** A check was sent: the next is a retransmission, unless an answer comes before. */
  void sent(long nowNs) {
    outstanding = true;
    sentNs = nowNs;
    nextCheckNs = nowNs + retryNs;
    retryNs = Math.min(2 * retryNs, LONGEST_RETRY_NS);
  }

  /** Checks begin anew: under other credentials, with another role, or to nominate. */
  void begin(long nowNs) {
    outstanding = false;
    retryNs = FIRST_RETRY_NS;
    nextCheckNs = nowNs;
  }
}
