package live.banyan.mesh.record;

import java.util.HexFormat;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.wire.MalformedException;

/**
 * A record as the node that keeps it for others sees it: a {@link NodeRecord} or a {@link
 * SealedRecord}.
 *
 * @param target 32 hex digits: where it lies
 * @param writer 64 hex digits, the key that wrote it: a later record of the same key replaces it
 * @param bytes as they came and go
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
public record StoredRecord(String target, String writer, Validity validity, byte[] bytes) {
  /** Longest record in bytes. */
  public static final int BYTES_MAX = 1_000;

  /** Whether these bytes are a record that may be kept now; two signatures at most are checked. */
  public static Checked<StoredRecord> check(byte[] bytes, long nowMs) {
    if (bytes.length > BYTES_MAX) {
      return new Checked.Refused<>(RecordRefusal.OVERSIZED);
    }
    Signed signed;
    try {
      signed = Signed.read(bytes);
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    return switch (signed.type()) {
      case NODE ->
          switch (NodeRecord.check(signed, nowMs)) {
            case Checked.Valid<NodeRecord>(NodeRecord record) ->
                stored(signed, record.target(), record.validity());
            case Checked.Refused<NodeRecord>(RecordRefusal reason) -> new Checked.Refused<>(reason);
          };
      case SEALED ->
          switch (SealedRecord.check(signed, nowMs)) {
            case Checked.Valid<SealedRecord>(SealedRecord record) ->
                stored(signed, record.target(), record.validity());
            case Checked.Refused<SealedRecord>(RecordRefusal reason) ->
                new Checked.Refused<>(reason);
          };
      case STREAM, PROVIDER, DELEGATION, REVOCATION, FOUND ->
          new Checked.Refused<>(RecordRefusal.MALFORMED);
    };
  }

  private static Checked<StoredRecord> stored(Signed signed, byte[] target, Validity validity) {
    HexFormat hex = HexFormat.of();
    return new Checked.Valid<>(
        new StoredRecord(
            hex.formatHex(target), hex.formatHex(signed.signer()), validity, signed.bytes()));
  }
}
