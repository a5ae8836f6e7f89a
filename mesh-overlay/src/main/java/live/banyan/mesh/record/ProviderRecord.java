package live.banyan.mesh.record;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import live.banyan.mesh.identity.KeyWork;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * A node tells that it carries a stream and has room for children, signed by the node. It travels
 * sealed alone ({@link SealedRecord}).
 *
 * @param epoch of the stream
 * @param freeSlots children that it has room for, 0 to 65,535; a claim like any other
 * @param fingerprint SHA-256 of the DTLS certificate, 64 lower-case hex digits
 */
public record ProviderRecord(
    String nodeId, Validity validity, long epoch, int freeSlots, Reach reach, String fingerprint) {
  private static final int FINGERPRINT_BYTES = 32;
  private static final int ITEMS = 8;

  /** The record of a key's owner, signed. */
  public static Signed sign(
      NodeKey key,
      StreamLink link,
      Validity validity,
      long epoch,
      int freeSlots,
      Reach reach,
      String fingerprint) {
    CborWriter out = validity.write(new CborWriter(ITEMS)).bytes(link.tag());
    Reach.write(out.number(epoch).number(freeSlots), reach);
    out.bytes(HexFormat.of().parseHex(fingerprint));
    return Signed.sign(key.signingKey(), SignedType.PROVIDER, out.finish());
  }

  /** Whether this is a node's record of that stream, and counts now. */
  public static Checked<ProviderRecord> check(Signed signed, StreamLink link, long nowMs) {
    ProviderRecord record;
    try {
      if (signed.type() != SignedType.PROVIDER) {
        throw new MalformedException("no provider record");
      }
      CborReader in = new CborReader(signed.payload());
      Validity validity = Validity.read(in);
      if (!Arrays.equals(in.exactly(StreamLink.TAG_BYTES), link.tag())) {
        return new Checked.Refused<>(RecordRefusal.ELSEWHERE);
      }
      long epoch = in.number(0, Long.MAX_VALUE);
      int freeSlots = (int) in.number(0, 65_535);
      Reach reach = Reach.read(in);
      String fingerprint = HexFormat.of().formatHex(in.exactly(FINGERPRINT_BYTES));
      in.end();
      record =
          new ProviderRecord(signed.signerId(), validity, epoch, freeSlots, reach, fingerprint);
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    Optional<RecordRefusal> untimely = record.validity.refusalAt(nowMs);
    if (untimely.isPresent()) {
      return new Checked.Refused<>(untimely.get());
    }
    if (!KeyWork.isIn(signed.signer())) {
      return new Checked.Refused<>(RecordRefusal.NO_WORK);
    }
    return signed.isVerified()
        ? new Checked.Valid<>(record)
        : new Checked.Refused<>(RecordRefusal.FORGED);
  }
}
