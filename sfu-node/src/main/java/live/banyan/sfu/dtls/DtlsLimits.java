package live.banyan.sfu.dtls;

/**
 * Bounds of an endpoint.
 *
 * @param handshakeTimeoutMs from the first flight to keys, per association
 * @param resendMs first retransmission of a lost flight; doubles. Shorter than RFC 6347's second,
 *     as browsers do: ICE has just shown that the path works
 * @param queueDatagrams datagrams waiting for one association; more are dropped and counted
 * @param computing handshakes that may use the CPU at the same time; others wait for their turn
 */
public record DtlsLimits(int handshakeTimeoutMs, int resendMs, int queueDatagrams, int computing) {
  public DtlsLimits {
    if (handshakeTimeoutMs < 1 || resendMs < 1 || queueDatagrams < 1 || computing < 1) {
      throw new IllegalArgumentException("DTLS limits must be positive");
    }
  }

  /**
   * 10 s, 150 ms, 128 datagrams (a window of a data channel comes at once), and all processors but
   * one: a crowd that joins must not starve those already in.
   */
  public static DtlsLimits defaults() {
    return new DtlsLimits(
        10_000, 150, 128, Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
  }
}
