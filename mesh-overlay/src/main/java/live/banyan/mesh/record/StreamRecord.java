package live.banyan.mesh.record;

import java.util.Arrays;
import java.util.Optional;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * Where a stream of a channel comes in, signed by a stream key to which the channel has delegated.
 * It travels sealed alone ({@link SealedRecord}).
 *
 * @param epoch grows when the ingest changes; the highest counts
 * @param ingestNodeId the node that the publisher is connected to
 * @param live false: the broadcaster has ended it
 * @param startedAtMs wall clock, milliseconds since 1970
 */
public record StreamRecord(
    String name,
    Validity validity,
    long epoch,
    String ingestNodeId,
    boolean live,
    long startedAtMs,
    Delegation delegation) {
  /** Longest name inside a channel. */
  public static final int NAME_CHARS_MAX = 64;

  private static final int ITEMS = 9;

  /**
   * The record of a stream, signed.
   *
   * @param streamKey the key that {@code delegation} names
   * @param delegation of the channel, see {@link Delegation#sign}
   */
  public static Signed sign(
      SigningKey streamKey,
      StreamLink link,
      Signed delegation,
      Validity validity,
      long epoch,
      String ingestNodeId,
      boolean live,
      long startedAtMs) {
    CborWriter out = validity.write(new CborWriter(ITEMS)).bytes(link.channel()).text(link.name());
    out.number(epoch).nodeId(ingestNodeId).flag(live).number(startedAtMs);
    out.bytes(delegation.bytes());
    return Signed.sign(streamKey, SignedType.STREAM, out.finish());
  }

  /**
   * Whether this tells of that stream, on behalf of its channel, and counts now.
   *
   * @param revoked what the channel has taken back
   */
  public static Checked<StreamRecord> check(
      Signed signed, StreamLink link, Optional<Revocation> revoked, long nowMs) {
    StreamRecord record;
    byte[] channel;
    try {
      if (signed.type() != SignedType.STREAM) {
        throw new MalformedException("no stream record");
      }
      CborReader in = new CborReader(signed.payload());
      Validity validity = Validity.read(in);
      channel = in.exactly(SigningKey.PUBLIC_KEY_BYTES);
      String name = in.text(NAME_CHARS_MAX);
      long epoch = in.number(0, Long.MAX_VALUE);
      String ingest = in.nodeId();
      boolean live = in.flag();
      long startedAtMs = in.number(0, Long.MAX_VALUE);
      Signed delegated = Signed.read(in.bytes(Delegation.BYTES_MAX));
      in.end();
      switch (Delegation.check(delegated)) {
        case Checked.Valid<Delegation>(Delegation delegation) ->
            record = new StreamRecord(name, validity, epoch, ingest, live, startedAtMs, delegation);
        case Checked.Refused<Delegation>(RecordRefusal reason) -> {
          return new Checked.Refused<>(reason);
        }
      }
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    if (!Arrays.equals(channel, link.channel()) || !record.name.equals(link.name())) {
      return new Checked.Refused<>(RecordRefusal.ELSEWHERE);
    }
    Optional<RecordRefusal> refusal =
        record
            .validity
            .refusalAt(nowMs)
            .or(() -> record.delegation.refusal(channel, signed.signer(), record.name, nowMs));
    if (refusal.isPresent()) {
      return new Checked.Refused<>(refusal.get());
    }
    boolean takenBack =
        revoked
            .filter(r -> Arrays.equals(r.channel(), channel))
            .filter(r -> r.revokes(record.delegation.serial()))
            .isPresent();
    return !takenBack && signed.isVerified()
        ? new Checked.Valid<>(record)
        : new Checked.Refused<>(RecordRefusal.FORGED);
  }
}
