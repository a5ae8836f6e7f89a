package live.banyan.sfu.sctp;

/**
 * How long to try (RFC 7496). At most one of the two is a limit.
 *
 * @param retransmitsMax how often a fragment may be sent again; -1: no limit
 * @param lifetimeMs how long a message is worth sending; -1: no limit
 */
public record Reliability(int retransmitsMax, int lifetimeMs) {
  /** Until it arrives. */
  public static final Reliability FULL = new Reliability(-1, -1);
}
