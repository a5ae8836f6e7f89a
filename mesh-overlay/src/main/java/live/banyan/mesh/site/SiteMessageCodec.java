package live.banyan.mesh.site;

import java.util.ArrayList;
import java.util.List;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;
import live.banyan.mesh.wire.TreeMessage;

/**
 * Site messages as CBOR arrays {@code [version, type, member, fields...]}, a record as an array of
 * its own inside a byte string. Never Java serialisation.
 */
final class SiteMessageCodec {
  private static final int FORMAT = 1;
  private static final int RECORD_BYTES_MAX = 32 * 1024;
  private static final int RECORDS_MAX = 2 * DirectoryRecords.RECORDS_PER_MEMBER_MAX + 1;
  private static final int TEXT_CHARS_MAX = 2048;
  private static final int DESCRIPTION_CHARS_MAX = 24 * 1024;
  private static final int ADDRESSES_MAX = 32;

  private SiteMessageCodec() {}

  static byte[] encode(SiteMessage message) {
    return switch (message) {
      case SiteMessage.Hello m -> head(4, 1, m).text(m.of()).finish();
      case SiteMessage.Snapshot m -> {
        CborWriter out = head(5 + m.records().size(), 2, m);
        out.number(m.version()).number(m.records().size());
        m.records().forEach(r -> out.bytes(encode(r)));
        yield out.finish();
      }
      case SiteMessage.Delta m ->
          head(5, 3, m).number(m.version()).bytes(encode(m.record())).finish();
      case SiteMessage.Digest m -> head(4, 4, m).number(m.version()).finish();
    };
  }

  private static CborWriter head(int size, int type, SiteMessage message) {
    return new CborWriter(size).number(FORMAT).number(type).text(message.member());
  }

  static SiteMessage decode(byte[] bytes) throws MalformedException {
    CborReader in = new CborReader(bytes);
    in.number(FORMAT, FORMAT);
    int type = (int) in.number(1, 4);
    String member = in.text(64);
    SiteMessage message =
        switch (type) {
          case 1 -> new SiteMessage.Hello(member, in.text(64));
          case 2 -> snapshot(member, in);
          case 3 ->
              new SiteMessage.Delta(member, version(in), decodeRecord(in.bytes(RECORD_BYTES_MAX)));
          default -> new SiteMessage.Digest(member, version(in));
        };
    in.end();
    return message;
  }

  private static SiteMessage.Snapshot snapshot(String member, CborReader in)
      throws MalformedException {
    long version = version(in);
    int count = (int) in.number(0, RECORDS_MAX);
    List<SiteRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(decodeRecord(in.bytes(RECORD_BYTES_MAX)));
    }
    return new SiteMessage.Snapshot(member, version, records);
  }

  private static long version(CborReader in) throws MalformedException {
    return in.number(0, Long.MAX_VALUE);
  }

  private static byte[] encode(SiteRecord record) {
    return switch (record) {
      case SiteRecord.Node r -> {
        NodeRecord n = r.node();
        yield new CborWriter(8)
            .number(1)
            .nodeId(n.nodeId())
            .text(n.http())
            .texts(n.udp())
            .text(n.fingerprint())
            .number(n.maxChildren())
            .flag(n.draining())
            .number(n.startedAtMs())
            .finish();
      }
      case SiteRecord.Stream r -> {
        StreamRecord s = r.stream();
        yield new CborWriter(7)
            .number(2)
            .text(s.name())
            .number(s.epoch())
            .nodeId(s.ingestNodeId())
            .flag(s.live())
            .number(s.startedAtMs())
            .text(s.description())
            .finish();
      }
      case SiteRecord.Carrier r -> {
        CarrierRecord c = r.carrier();
        yield new CborWriter(9)
            .number(3)
            .text(c.stream())
            .nodeId(c.nodeId())
            .number(c.epoch())
            .nodeId(c.parentId())
            .nodeIds(c.path())
            .number(c.children())
            .number(c.freeSlots())
            .number(c.viewers())
            .finish();
      }
      case SiteRecord.NoStream r -> new CborWriter(2).number(4).text(r.stream()).finish();
      case SiteRecord.NoCarrier r -> new CborWriter(2).number(5).text(r.stream()).finish();
    };
  }

  private static SiteRecord decodeRecord(byte[] bytes) throws MalformedException {
    CborReader in = new CborReader(bytes);
    SiteRecord record =
        switch ((int) in.number(1, 5)) {
          case 1 -> new SiteRecord.Node(node(in));
          case 2 -> new SiteRecord.Stream(stream(in));
          case 3 -> new SiteRecord.Carrier(carrier(in));
          case 4 -> new SiteRecord.NoStream(in.text(TreeMessage.STREAM_CHARS_MAX));
          default -> new SiteRecord.NoCarrier(in.text(TreeMessage.STREAM_CHARS_MAX));
        };
    in.end();
    return record;
  }

  private static NodeRecord node(CborReader in) throws MalformedException {
    return new NodeRecord(
        in.nodeId(),
        in.text(TEXT_CHARS_MAX),
        in.texts(ADDRESSES_MAX, 64),
        in.text(256),
        (int) in.number(0, Integer.MAX_VALUE),
        in.flag(),
        in.number(0, Long.MAX_VALUE));
  }

  private static StreamRecord stream(CborReader in) throws MalformedException {
    return new StreamRecord(
        in.text(TreeMessage.STREAM_CHARS_MAX),
        in.number(0, Long.MAX_VALUE),
        in.nodeId(),
        in.flag(),
        in.number(0, Long.MAX_VALUE),
        in.text(DESCRIPTION_CHARS_MAX));
  }

  private static CarrierRecord carrier(CborReader in) throws MalformedException {
    return new CarrierRecord(
        in.text(TreeMessage.STREAM_CHARS_MAX),
        in.nodeId(),
        in.number(0, Long.MAX_VALUE),
        in.nodeIdOrNone(),
        in.nodeIds(TreeMessage.PATH_MAX),
        (int) in.number(0, Integer.MAX_VALUE),
        (int) in.number(0, Integer.MAX_VALUE),
        (int) in.number(0, Integer.MAX_VALUE));
  }
}
