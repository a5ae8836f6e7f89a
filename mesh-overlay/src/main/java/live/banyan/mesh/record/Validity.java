package live.banyan.mesh.record;

import java.util.Optional;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * When a record was made, and for how long it counts. The time also orders the records of one key:
 * a later one replaces an earlier one.
 *
 * @param issuedAtMs of the issuer's wall clock, milliseconds since 1970
 * @param lifetimeMs 1 to {@link #LIFETIME_MS_MAX}
 */
public record Validity(long issuedAtMs, int lifetimeMs) {
  /** A record that nobody repeats is forgotten after so long. */
  public static final int LIFETIME_MS_MAX = 60_000;

  /** How often a record is made anew: two repetitions may be lost. */
  public static final int REFRESH_MS = 20_000;

  /** By how much clocks of honest nodes may differ. */
  public static final int SKEW_MS_MAX = 5_000;

  /** As long as a record may live. */
  public static Validity from(long nowMs) {
    return new Validity(nowMs, LIFETIME_MS_MAX);
  }

  /** Why the record does not count at this time, if so. */
  public Optional<RecordRefusal> refusalAt(long nowMs) {
    if (issuedAtMs > nowMs + SKEW_MS_MAX) {
      return Optional.of(RecordRefusal.FUTURE);
    }
    return endMs() + SKEW_MS_MAX <= nowMs ? Optional.of(RecordRefusal.EXPIRED) : Optional.empty();
  }

  /** When it ends, by the issuer's clock. */
  public long endMs() {
    return issuedAtMs + lifetimeMs;
  }

  CborWriter write(CborWriter out) {
    return out.number(issuedAtMs).number(lifetimeMs);
  }

  static Validity read(CborReader in) throws MalformedException {
    // The year 10,000, so that sums stay far from overflowing.
    return new Validity(in.number(0, 253_402_300_800_000L), (int) in.number(1, LIFETIME_MS_MAX));
  }
}
