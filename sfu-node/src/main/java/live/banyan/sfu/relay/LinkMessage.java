package live.banyan.sfu.relay;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Control datagrams of a link, inside DTLS application data. Byte 0 is the type, byte 1 the version
 * that both ends agreed on (that of the sender's newest in HELLO), numbers are big-endian.
 *
 * <pre>
 * HELLO  4 | version | min version | max version | flags (1: yours arrived) | node id (16)
 * PING   5 | version | flags (1: carries relays) | sequence (4) | sender's clock, opaque (8)
 * PONG   6 | version | flags (1: carries relays) | sequence (4) | the PING's clock (8)
 * BYE    7 | version | reason (1)
 * TREE   8 | version | message of the overlay, at most 1,100 bytes
 * DATA   9 | version | SCTP packet, at most 1,100 bytes
 * </pre>
 */
sealed interface LinkMessage {
  /** The only version so far. */
  int VERSION_MIN = 1;

  /** The newest version that this node speaks. */
  int VERSION_MAX = 1;

  /** Bytes before an overlay message. */
  int TREE_HEADER_BYTES = 2;

  int HELLO_TYPE = 4;
  int PING_TYPE = 5;
  int PONG_TYPE = 6;
  int BYE_TYPE = 7;
  int TREE_TYPE = 8;
  int DATA_TYPE = 9;

  /** Bytes of a node id: 128 bits. */
  int NODE_ID_BYTES = 16;

  /** The greeting; a link is up once a HELLO says that ours arrived. */
  record Hello(int minVersion, int maxVersion, boolean yoursArrived, String nodeId)
      implements LinkMessage {}

  record Ping(boolean carriesRelays, int sequence, long clock) implements LinkMessage {}

  record Pong(boolean carriesRelays, int sequence, long clock) implements LinkMessage {}

  record Bye(int reason) implements LinkMessage {
    static final int CLOSED = 0;
    static final int VERSION = 1;
  }

  record Tree(byte[] message) implements LinkMessage {}

  record Data(byte[] packet) implements LinkMessage {}

  /** Writes a message as version {@code version}. */
  static byte[] encode(LinkMessage message, int version) {
    return switch (message) {
      case Hello hello ->
          buffer(HELLO_TYPE, version, 3 + NODE_ID_BYTES)
              .put((byte) hello.minVersion())
              .put((byte) hello.maxVersion())
              .put(flag(hello.yoursArrived()))
              .put(HexFormat.of().parseHex(hello.nodeId()))
              .array();
      case Ping ping ->
          buffer(PING_TYPE, version, 13)
              .put(flag(ping.carriesRelays()))
              .putInt(ping.sequence())
              .putLong(ping.clock())
              .array();
      case Pong pong ->
          buffer(PONG_TYPE, version, 13)
              .put(flag(pong.carriesRelays()))
              .putInt(pong.sequence())
              .putLong(pong.clock())
              .array();
      case Bye bye -> buffer(BYE_TYPE, version, 1).put((byte) bye.reason()).array();
      case Tree tree ->
          buffer(TREE_TYPE, version, tree.message().length).put(tree.message()).array();
      case Data data -> buffer(DATA_TYPE, version, data.packet().length).put(data.packet()).array();
    };
  }

  /**
   * Reads a message; bytes beyond what this version knows are ignored, so that later versions may
   * append.
   *
   * @return null when it is short, of an unknown type, or of a version outside ours; a HELLO is
   *     read whatever its version, since it is what negotiates
   */
  static @Nullable LinkMessage decode(byte[] data) {
    if (data.length < 2) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(data);
    int type = in.get();
    int version = in.get() & 0xff;
    if (type != HELLO_TYPE && (version < VERSION_MIN || version > VERSION_MAX)) {
      return null;
    }
    return switch (type) {
      case HELLO_TYPE -> in.remaining() < 3 + NODE_ID_BYTES ? null : hello(in);
      case PING_TYPE ->
          in.remaining() < 13 ? null : new Ping(flag(in.get()), in.getInt(), in.getLong());
      case PONG_TYPE ->
          in.remaining() < 13 ? null : new Pong(flag(in.get()), in.getInt(), in.getLong());
      case BYE_TYPE -> in.remaining() < 1 ? null : new Bye(in.get() & 0xff);
      case TREE_TYPE -> {
        byte[] message = new byte[in.remaining()];
        in.get(message);
        yield new Tree(message);
      }
      case DATA_TYPE -> {
        byte[] packet = new byte[in.remaining()];
        in.get(packet);
        yield new Data(packet);
      }
      default -> null;
    };
  }

  /** The version that two ranges agree on: the newest of both; -1 where they do not overlap. */
  static int agree(int peerMin, int peerMax) {
    int version = Math.min(VERSION_MAX, peerMax);
    return version < Math.max(VERSION_MIN, peerMin) ? -1 : version;
  }

  private static Hello hello(ByteBuffer in) {
    int min = in.get() & 0xff;
    int max = in.get() & 0xff;
    boolean arrived = flag(in.get());
    byte[] id = new byte[NODE_ID_BYTES];
    in.get(id);
    return new Hello(min, max, arrived, HexFormat.of().formatHex(id));
  }

  private static ByteBuffer buffer(int type, int version, int length) {
    return ByteBuffer.allocate(2 + length).put((byte) type).put((byte) version);
  }

  private static byte flag(boolean set) {
    return (byte) (set ? 1 : 0);
  }

  private static boolean flag(byte flags) {
    return (flags & 1) != 0;
  }
}
