package live.banyan.mesh.kademlia;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import live.banyan.mesh.identity.KeyWork;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.record.StoredRecord;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.Endpoint;
import live.banyan.mesh.wire.MalformedException;

/**
 * Messages as datagrams. What never changes: the byte {@link #KIND}, a version, eight bytes of
 * number, and that version 0 is {@link DhtMessage.Versions}. In version 1 a CBOR array {@code
 * [type, ...]} follows, or for FOUND a {@link Signed}.
 */
public final class DhtCodec {
  /** First byte of every datagram; RFC 7983 leaves 4 to 15 free. */
  public static final byte KIND = 4;

  /** The version that this program speaks. */
  public static final int VERSION = 1;

  /** Longest datagram; a padded question has exactly this length. */
  public static final int BYTES_MAX = 1_190;

  /** Contacts in one answer. */
  static final int CONTACTS_MAX = 16;

  /** Records in one answer. */
  static final int RECORDS_MAX = 4;

  private static final int HEAD_BYTES = 10;
  private static final int FIND = 1;
  private static final int STORE = 2;
  private static final int FOUND = 3;
  private static final int TOKEN = 4;
  private static final int STORED = 5;

  private DhtCodec() {}

  /** Encodes a message; {@code key} signs FOUND. */
  public static byte[] encode(DhtMessage message, NodeKey key) {
    return switch (message) {
      case DhtMessage.Find m -> find(m);
      case DhtMessage.Store m ->
          datagram(
              VERSION,
              m.number(),
              new CborWriter(4)
                  .number(STORE)
                  .nodeId(m.fromId())
                  .number(m.token())
                  .bytes(m.record()));
      case DhtMessage.Found m ->
          datagram(
              VERSION,
              m.number(),
              new CborWriter(2)
                  .number(FOUND)
                  .bytes(Signed.sign(key.signingKey(), SignedType.FOUND, payload(m)).bytes()));
      case DhtMessage.Token m ->
          datagram(VERSION, m.number(), new CborWriter(2).number(TOKEN).number(m.token()));
      case DhtMessage.Stored m ->
          datagram(VERSION, m.number(), new CborWriter(2).number(STORED).flag(m.kept()));
      case DhtMessage.Versions m ->
          ByteBuffer.allocate(HEAD_BYTES + 2)
              .put(KIND)
              .put((byte) 0)
              .putLong(m.number())
              .put((byte) m.lowest())
              .put((byte) m.highest())
              .array();
      case DhtMessage.OtherVersion m ->
          throw new IllegalArgumentException("nobody sends what is not understood");
    };
  }

  private static byte[] find(DhtMessage.Find m) {
    byte[] plain = find(m, 0);
    if (!m.padded()) {
      return plain;
    }
    // The head of a byte string of that length takes two bytes more than that of an empty one.
    return find(m, BYTES_MAX - plain.length - 2);
  }

  private static byte[] find(DhtMessage.Find m, int padding) {
    CborWriter out = new CborWriter(5).number(FIND).nodeId(m.fromId()).bytes(m.target().bytes());
    return datagram(VERSION, m.number(), out.number(m.token()).bytes(new byte[padding]));
  }

  private static byte[] payload(DhtMessage.Found m) {
    CborWriter out = new CborWriter(6).number(m.number()).bytes(m.at().bytes());
    out.bytes(m.seen().bytes()).number(m.token()).list(2 * m.contacts().size());
    for (Contact contact : m.contacts()) {
      out.nodeId(contact.nodeId()).bytes(contact.endpoint().bytes());
    }
    out.endList().list(m.records().size());
    m.records().forEach(out::bytes);
    return out.endList().finish();
  }

  private static byte[] datagram(int version, long number, CborWriter body) {
    byte[] bytes = body.finish();
    return ByteBuffer.allocate(HEAD_BYTES + bytes.length)
        .put(KIND)
        .put((byte) version)
        .putLong(number)
        .put(bytes)
        .array();
  }

  /** Decodes whatever came; empty when it is no message, or an answer that nobody has signed. */
  public static Optional<DhtMessage> decode(byte[] datagram) {
    if (datagram.length < HEAD_BYTES + 2 || datagram.length > BYTES_MAX || datagram[0] != KIND) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(datagram, 1, datagram.length - 1);
    int version = in.get() & 0xff;
    long number = in.getLong();
    if (number < 0) {
      return Optional.empty();
    }
    byte[] body = new byte[in.remaining()];
    in.get(body);
    if (version == 0) {
      return body.length == 2
          ? Optional.of(new DhtMessage.Versions(number, body[0] & 0xff, body[1] & 0xff))
          : Optional.empty();
    }
    if (version != VERSION) {
      return Optional.of(new DhtMessage.OtherVersion(number, version));
    }
    try {
      return Optional.of(read(number, new CborReader(body)));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private static DhtMessage read(long number, CborReader in) throws MalformedException {
    int type = (int) in.number(FIND, STORED);
    DhtMessage message =
        switch (type) {
          case FIND ->
              new DhtMessage.Find(
                  number,
                  in.nodeIdOrNone(),
                  Point.of(in.exactly(Point.BYTES)),
                  in.number(0, Long.MAX_VALUE),
                  in.bytes(BYTES_MAX).length > 0);
          case STORE ->
              new DhtMessage.Store(
                  number,
                  in.nodeIdOrNone(),
                  in.number(0, Long.MAX_VALUE),
                  in.bytes(StoredRecord.BYTES_MAX));
          case FOUND -> found(number, Signed.read(in.bytes(BYTES_MAX)));
          case TOKEN -> new DhtMessage.Token(number, in.number(1, Long.MAX_VALUE));
          default -> new DhtMessage.Stored(number, in.flag());
        };
    in.end();
    return message;
  }

  private static DhtMessage found(long number, Signed signed) throws MalformedException {
    if (signed.type() != SignedType.FOUND || !KeyWork.isIn(signed.signer())) {
      throw new MalformedException("no answer of a node");
    }
    CborReader in = new CborReader(signed.payload());
    in.number(number, number);
    Endpoint at = Endpoint.read(in.bytes(Endpoint.BYTES_MAX));
    Endpoint seen = Endpoint.read(in.bytes(Endpoint.BYTES_MAX));
    long token = in.number(1, Long.MAX_VALUE);
    List<Contact> contacts = new ArrayList<>();
    int items = in.list(2 * CONTACTS_MAX);
    for (int i = 0; i < items; i += 2) {
      contacts.add(Contact.of(in.nodeId(), Endpoint.read(in.bytes(Endpoint.BYTES_MAX))));
    }
    in.endList();
    List<byte[]> records = new ArrayList<>();
    int count = in.list(RECORDS_MAX);
    for (int i = 0; i < count; i++) {
      records.add(in.bytes(StoredRecord.BYTES_MAX));
    }
    in.endList();
    in.end();
    if (!signed.isVerified()) {
      throw new MalformedException("forged");
    }
    return new DhtMessage.Found(number, signed.signerId(), at, seen, token, contacts, records);
  }
}
