package live.banyan.mesh.record;

import java.util.ArrayList;
import java.util.List;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * A channel takes delegations back: all before a serial number, and single ones after it. The
 * latest counts.
 *
 * @param issuedAtMs wall clock, milliseconds since 1970
 * @param before every delegation with a lower serial number has ended
 * @param serials further ones that have, up to {@link #SERIALS_MAX}
 */
@SuppressWarnings("ArrayRecordComponent") // a key; nobody changes it
public record Revocation(byte[] channel, long issuedAtMs, long before, List<Long> serials) {
  /** More single ones than that: revoke all before the last good one. */
  public static final int SERIALS_MAX = 32;

  private static final int ITEMS = 3;

  public Revocation {
    serials = List.copyOf(serials);
  }

  /** Signs a revocation with the channel's key. */
  public static Signed sign(SigningKey channel, long issuedAtMs, long before, List<Long> serials) {
    if (serials.size() > SERIALS_MAX) {
      throw new IllegalArgumentException("at most " + SERIALS_MAX + " single delegations");
    }
    CborWriter out = new CborWriter(ITEMS).number(issuedAtMs).number(before).list(serials.size());
    serials.forEach(out::number);
    return Signed.sign(channel, SignedType.REVOCATION, out.endList().finish());
  }

  /** Whether a channel has signed this. */
  public static Checked<Revocation> check(Signed signed) {
    Revocation revocation;
    try {
      if (signed.type() != SignedType.REVOCATION) {
        throw new MalformedException("no revocation");
      }
      CborReader in = new CborReader(signed.payload());
      long issuedAtMs = in.number(0, Long.MAX_VALUE);
      long before = in.number(0, Long.MAX_VALUE);
      List<Long> serials = new ArrayList<>();
      int count = in.list(SERIALS_MAX);
      for (int i = 0; i < count; i++) {
        serials.add(in.number(1, Long.MAX_VALUE));
      }
      in.endList();
      in.end();
      revocation = new Revocation(signed.signer(), issuedAtMs, before, serials);
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    return signed.isVerified()
        ? new Checked.Valid<>(revocation)
        : new Checked.Refused<>(RecordRefusal.FORGED);
  }

  /** Whether a delegation with this serial number has been taken back. */
  public boolean revokes(long serial) {
    return serial < before || serials.contains(serial);
  }
}
