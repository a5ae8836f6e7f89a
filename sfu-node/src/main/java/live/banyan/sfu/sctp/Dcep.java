package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Data Channel Establishment Protocol (RFC 8832 §5). */
final class Dcep {
  /** Payload protocol identifiers of RFC 8831 §8. */
  static final int PPID_CONTROL = 50;

  static final int PPID_TEXT = 51;
  static final int PPID_BINARY = 53;
  static final int PPID_TEXT_EMPTY = 56;
  static final int PPID_BINARY_EMPTY = 57;

  static final int NAME_BYTES_MAX = 256;

  private static final int ACK = 2;
  private static final int OPEN = 3;
  private static final int HEADER_BYTES = 12;
  private static final int UNORDERED = 0x80;
  private static final int RETRANSMITS = 1;
  private static final int LIFETIME = 2;

  private Dcep() {}

  static byte[] ack() {
    return new byte[] {ACK};
  }

  static boolean isAck(byte[] message) {
    return message.length == 1 && message[0] == ACK;
  }

  /** Throws IllegalArgumentException where a name is too long. */
  static byte[] open(ChannelTerms terms) {
    byte[] label = terms.label().getBytes(StandardCharsets.UTF_8);
    byte[] protocol = terms.protocol().getBytes(StandardCharsets.UTF_8);
    if (label.length > NAME_BYTES_MAX || protocol.length > NAME_BYTES_MAX) {
      throw new IllegalArgumentException("a channel's name is longer than 256 bytes");
    }
    Reliability reliability = terms.reliability();
    int type =
        (terms.ordered() ? 0 : UNORDERED)
            | (reliability.retransmitsMax() >= 0
                ? RETRANSMITS
                : reliability.lifetimeMs() >= 0 ? LIFETIME : 0);
    return ByteBuffer.allocate(HEADER_BYTES + label.length + protocol.length)
        .put((byte) OPEN)
        .put((byte) type)
        .putShort((short) 256) // normal priority (RFC 8831 §6.4)
        .putInt(Math.max(0, Math.max(reliability.retransmitsMax(), reliability.lifetimeMs())))
        .putShort((short) label.length)
        .putShort((short) protocol.length)
        .put(label)
        .put(protocol)
        .array();
  }

  /**
   * Reads an OPEN.
   *
   * @return null when it is none, malformed, or of an unknown kind
   */
  static @Nullable ChannelTerms readOpen(byte[] message) {
    if (message.length < HEADER_BYTES || message[0] != OPEN) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(message, 1, message.length - 1);
    int type = in.get() & 0xff;
    in.getShort();
    // Unsigned on the wire; beyond a signed int it is without limit for all that matters.
    int parameter = in.getInt() & Integer.MAX_VALUE;
    int labelBytes = in.getShort() & 0xffff;
    int protocolBytes = in.getShort() & 0xffff;
    if (labelBytes > NAME_BYTES_MAX
        || protocolBytes > NAME_BYTES_MAX
        || in.remaining() != labelBytes + protocolBytes) {
      return null;
    }
    Reliability reliability =
        switch (type & ~UNORDERED) {
          case 0 -> Reliability.FULL;
          case RETRANSMITS -> new Reliability(parameter, -1);
          case LIFETIME -> new Reliability(-1, parameter);
          default -> null;
        };
    if (reliability == null) {
      return null;
    }
    byte[] labelText = new byte[labelBytes];
    byte[] protocolText = new byte[protocolBytes];
    in.get(labelText).get(protocolText);
    String label = WireText.read(labelText);
    String protocol = WireText.read(protocolText);
    return label == null || protocol == null
        ? null
        : new ChannelTerms(label, protocol, (type & UNORDERED) == 0, reliability);
  }
}
