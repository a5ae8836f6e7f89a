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
 * How a node is reached and which certificate it shows, signed by the node. It lies under the
 * node's id, so whoever knows the id finds it.
 *
 * @param fingerprint SHA-256 of the DTLS certificate, 64 lower-case hex digits
 * @param http base URL of a gateway, without a trailing slash; empty for a node that is none
 */
public record NodeRecord(
    String nodeId, Validity validity, Reach reach, String fingerprint, String http) {
  /** Longest URL in characters. */
  public static final int HTTP_CHARS_MAX = 200;

  private static final int FINGERPRINT_BYTES = 32;
  private static final int ITEMS = 6;

  /** The record of a key's owner, signed. */
  public static Signed sign(
      NodeKey key, Validity validity, Reach reach, String fingerprint, String http) {
    CborWriter out = Reach.write(validity.write(new CborWriter(ITEMS)), reach);
    out.bytes(HexFormat.of().parseHex(fingerprint)).text(http);
    return Signed.sign(key.signingKey(), SignedType.NODE, out.finish());
  }

  /** Whether this is the record of a node, and counts now. */
  public static Checked<NodeRecord> check(Signed signed, long nowMs) {
    NodeRecord record;
    try {
      record = read(signed);
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

  private static NodeRecord read(Signed signed) throws MalformedException {
    if (signed.type() != SignedType.NODE) {
      throw new MalformedException("no node record");
    }
    CborReader in = new CborReader(signed.payload());
    Validity validity = Validity.read(in);
    Reach reach = Reach.read(in);
    String fingerprint = HexFormat.of().formatHex(in.exactly(FINGERPRINT_BYTES));
    String http = in.text(HTTP_CHARS_MAX);
    in.end();
    if (!http.isEmpty() && !http.startsWith("https://") && !http.startsWith("http://")) {
      throw new MalformedException("no URL");
    }
    return new NodeRecord(signed.signerId(), validity, reach, fingerprint, http);
  }

  /** The certificate's hash as SDP writes it: upper case, with colons. */
  public String sdpFingerprint() {
    return HexFormat.ofDelimiter(":")
        .withUpperCase()
        .formatHex(HexFormat.of().parseHex(fingerprint));
  }

  /** The 16 bytes of the id: where the record lies. */
  public byte[] target() {
    return Arrays.copyOf(HexFormat.of().parseHex(nodeId), 16);
  }
}
