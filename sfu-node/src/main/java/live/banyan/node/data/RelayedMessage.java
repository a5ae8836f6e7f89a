package live.banyan.node.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.Reliability;
import live.banyan.sfu.sctp.WireText;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's message on its way between nodes:
 *
 * <pre>
 * version (1) | flags (1: text 1, ordered 2, replayed 4) | number (8) | retransmits (4) | lifetime ms (4)
 * | stream, label, protocol: length (2) and UTF-8 each | data
 * </pre>
 *
 * @param number unique in the stream, growing with each message and with each epoch
 * @param replayed sent before the child took the stream: for one that has lost its parent
 */
record RelayedMessage(
    String stream, long number, ChannelTerms terms, boolean text, boolean replayed, byte[] data) {
  /** What stands before the data, at most. */
  static final int HEADER_BYTES_MAX = 2048;

  private static final int VERSION = 1;
  private static final int FIXED_BYTES = 1 + 1 + 8 + 4 + 4 + 3 * 2;
  private static final int NAME_BYTES_MAX = 512;

  RelayedMessage again() {
    return new RelayedMessage(stream, number, terms, text, true, data);
  }

  byte[] encode() {
    byte[] name = stream.getBytes(StandardCharsets.UTF_8);
    byte[] label = terms.label().getBytes(StandardCharsets.UTF_8);
    byte[] protocol = terms.protocol().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(
            FIXED_BYTES + name.length + label.length + protocol.length + data.length)
        .put((byte) VERSION)
        .put((byte) ((text ? 1 : 0) | (terms.ordered() ? 2 : 0) | (replayed ? 4 : 0)))
        .putLong(number)
        .putInt(terms.reliability().retransmitsMax())
        .putInt(terms.reliability().lifetimeMs())
        .putShort((short) name.length)
        .put(name)
        .putShort((short) label.length)
        .put(label)
        .putShort((short) protocol.length)
        .put(protocol)
        .put(data)
        .array();
  }

  /**
   * @return null when it is short, of another version, or has an impossible name
   */
  static @Nullable RelayedMessage decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < FIXED_BYTES || in.get() != VERSION) {
      return null;
    }
    int flags = in.get();
    long number = in.getLong();
    int retransmits = in.getInt();
    int lifetimeMs = in.getInt();
    String stream = name(in);
    String label = stream == null ? null : name(in);
    String protocol = label == null ? null : name(in);
    if (stream == null || label == null || protocol == null || number < 0) {
      return null;
    }
    byte[] data = new byte[in.remaining()];
    in.get(data);
    Reliability reliability = new Reliability(Math.max(-1, retransmits), Math.max(-1, lifetimeMs));
    return new RelayedMessage(
        stream,
        number,
        new ChannelTerms(label, protocol, (flags & 2) != 0, reliability),
        (flags & 1) != 0,
        (flags & 4) != 0,
        data);
  }

  private static @Nullable String name(ByteBuffer in) {
    if (in.remaining() < 2) {
      return null;
    }
    int length = in.getShort() & 0xffff;
    if (length > NAME_BYTES_MAX || length > in.remaining()) {
      return null;
    }
    byte[] name = new byte[length];
    in.get(name);
    return WireText.read(name);
  }
}
