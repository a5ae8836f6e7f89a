package live.banyan.mesh.record;

import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * A record for those who have the link. The node that keeps it sees that a writer was admitted by
 * the key that the place is the hash of, and when the record ends; neither what is in it nor who
 * wrote it.
 *
 * @param place public half of the key that admits writers
 * @param sealed for {@link #open}
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
public record SealedRecord(byte[] place, byte[] writer, Validity validity, byte[] sealed) {
  /** Longest record in a seal, in bytes. */
  public static final int CONTENT_BYTES_MAX = 638;

  /** Lengths tell what is inside unless they are few. */
  private static final int PADDED_TO = 128;

  private static final int LENGTH_BYTES = 2;
  private static final int ITEMS = 5;

  /**
   * Seals a record.
   *
   * @param random a cryptographic source
   * @throws IllegalArgumentException when the record is too long
   */
  public static Signed seal(
      Writer writer, Validity validity, Signed record, RandomGenerator random) {
    byte[] content = record.bytes();
    if (content.length > CONTENT_BYTES_MAX) {
      throw new IllegalArgumentException(content.length + " bytes are too many to be sealed");
    }
    int padded = (LENGTH_BYTES + content.length + PADDED_TO - 1) / PADDED_TO * PADDED_TO;
    byte[] text = new byte[padded];
    text[0] = (byte) (content.length >> 8);
    text[1] = (byte) content.length;
    System.arraycopy(content, 0, text, LENGTH_BYTES, content.length);
    CborWriter out = new CborWriter(ITEMS);
    out.bytes(writer.place().writers().publicKey()).bytes(writer.admission());
    validity.write(out).bytes(writer.place().seal(text, random));
    return Signed.sign(writer.key(), SignedType.SEALED, out.finish());
  }

  /** Whether this may lie at the place that it names, and counts now. */
  public static Checked<SealedRecord> check(Signed signed, long nowMs) {
    SealedRecord record;
    byte[] admission;
    try {
      if (signed.type() != SignedType.SEALED) {
        throw new MalformedException("not sealed");
      }
      CborReader in = new CborReader(signed.payload());
      byte[] place = in.exactly(SigningKey.PUBLIC_KEY_BYTES);
      admission = in.exactly(SigningKey.SIGNATURE_BYTES);
      Validity validity = Validity.read(in);
      byte[] sealed = in.bytes(sealedBytes());
      in.end();
      record = new SealedRecord(place, signed.signer(), validity, sealed);
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    Optional<RecordRefusal> untimely = record.validity.refusalAt(nowMs);
    if (untimely.isPresent()) {
      return new Checked.Refused<>(untimely.get());
    }
    boolean admitted =
        SigningKey.verify(record.place, Writer.admissionOf(record.writer), admission);
    return admitted && signed.isVerified()
        ? new Checked.Valid<>(record)
        : new Checked.Refused<>(RecordRefusal.FORGED);
  }

  private static int sealedBytes() {
    int padded = (LENGTH_BYTES + CONTENT_BYTES_MAX + PADDED_TO - 1) / PADDED_TO * PADDED_TO;
    return padded + LinkPlace.SEAL_BYTES;
  }

  /** The 16 bytes under which it lies. */
  public byte[] target() {
    return LinkPlace.targetOf(place);
  }

  /** Opens it with the link; what is inside still has to be checked. */
  public Checked<Signed> open(LinkPlace link) {
    if (!Arrays.equals(target(), link.target())) {
      return new Checked.Refused<>(RecordRefusal.ELSEWHERE);
    }
    byte[] text = link.open(sealed);
    if (text == null || text.length < LENGTH_BYTES) {
      return new Checked.Refused<>(RecordRefusal.FORGED);
    }
    int length = (text[0] & 0xff) << 8 | text[1] & 0xff;
    if (length > text.length - LENGTH_BYTES) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    try {
      byte[] content = Arrays.copyOfRange(text, LENGTH_BYTES, LENGTH_BYTES + length);
      return new Checked.Valid<>(Signed.read(content));
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
  }
}
