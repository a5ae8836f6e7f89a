package live.banyan.sfu.ice;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/**
 * A reusable writer of STUN Binding messages: start, attributes, {@link #finish}. Not thread safe;
 * nothing is allocated per message.
 */
public final class StunWriter {
  // Header, two fragments of 256 bytes, priority, role, error, integrity, fingerprint.
  private static final int BYTES_MAX = 768;

  private final byte[] bytes = new byte[BYTES_MAX];
  private final CRC32 crc = new CRC32();
  private int length;

  /** Length of the message, 0 when there is none. */
  public int length() {
    return length;
  }

  /** Copies the message to {@code memory[offset, offset + length())}. */
  public void copyTo(MemorySegment memory, long offset) {
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, length);
  }

  void clear() {
    length = 0;
  }

  void startRequest(long transactionHigh, int transactionLow) {
    start(StunMessage.BINDING_REQUEST);
    putInt(8, (int) (transactionHigh >>> 32));
    putInt(12, (int) transactionHigh);
    putInt(16, transactionLow);
  }

  /** A response carries the request's transaction id. */
  void startResponse(StunMessage request, int type) {
    start(type);
    System.arraycopy(request.bytes(), 8, bytes, 8, StunMessage.TRANSACTION_ID_BYTES);
  }

  private void start(int type) {
    putShort(0, type);
    putShort(2, 0);
    putInt(4, StunMessage.MAGIC_COOKIE);
    length = StunMessage.HEADER_BYTES;
  }

  void username(byte[] username) {
    int at = attribute(StunAttribute.USERNAME, username.length);
    System.arraycopy(username, 0, bytes, at, username.length);
  }

  void priority(int priority) {
    putInt(attribute(StunAttribute.PRIORITY, 4), priority);
  }

  void useCandidate() {
    attribute(StunAttribute.USE_CANDIDATE, 0);
  }

  void role(boolean controlling, long tieBreaker) {
    int type = controlling ? StunAttribute.ICE_CONTROLLING : StunAttribute.ICE_CONTROLLED;
    int at = attribute(type, 8);
    putInt(at, (int) (tieBreaker >>> 32));
    putInt(at + 4, (int) tieBreaker);
  }

  /** IPv4-mapped addresses are told as IPv4: that is the family the far end sent from. */
  void xorMappedAddress(long addressHigh, long addressLow, int port) {
    boolean v4 = addressHigh == 0 && addressLow >>> 32 == 0xffff;
    int at = attribute(StunAttribute.XOR_MAPPED_ADDRESS, v4 ? 8 : 20);
    putShort(at, v4 ? 1 : 2);
    putShort(at + 2, port ^ (StunMessage.MAGIC_COOKIE >>> 16));
    if (v4) {
      putInt(at + 4, (int) addressLow ^ StunMessage.MAGIC_COOKIE);
    } else {
      putInt(at + 4, (int) (addressHigh >>> 32));
      putInt(at + 8, (int) addressHigh);
      putInt(at + 12, (int) (addressLow >>> 32));
      putInt(at + 16, (int) addressLow);
      for (int i = 0; i < 16; i++) {
        bytes[at + 4 + i] ^= bytes[4 + i];
      }
    }
  }

  /** ERROR-CODE without a reason phrase: programs read the number. */
  void errorCode(int code) {
    int at = attribute(StunAttribute.ERROR_CODE, 4);
    putShort(at, 0);
    bytes[at + 2] = (byte) (code / 100);
    bytes[at + 3] = (byte) (code % 100);
  }

  void unknownAttributes(StunMessage request) {
    int count = request.unknownCount();
    int at = attribute(StunAttribute.UNKNOWN_ATTRIBUTES, 2 * count);
    for (int i = 0; i < count; i++) {
      putShort(at + 2 * i, request.unknown(i));
    }
  }

  void integrity(StunIntegrity integrity) {
    int at = attribute(StunAttribute.MESSAGE_INTEGRITY, StunIntegrity.MAC_BYTES) - 4;
    integrity.sign(bytes, at);
  }

  /** Appends FINGERPRINT and sets the final length; nothing may follow. */
  void finish() {
    int at = attribute(StunAttribute.FINGERPRINT, 4) - 4;
    crc.reset();
    crc.update(bytes, 0, at);
    putInt(at + 4, (int) crc.getValue() ^ StunAttribute.FINGERPRINT_XOR);
  }

  /** Starts an attribute and counts it in. @return offset of its value, padding zeroed */
  private int attribute(int type, int valueLength) {
    int padded = (valueLength + 3) & ~3;
    int at = length;
    putShort(at, type);
    putShort(at + 2, valueLength);
    for (int i = valueLength; i < padded; i++) {
      bytes[at + 4 + i] = 0;
    }
    length = at + 4 + padded;
    putShort(2, length - StunMessage.HEADER_BYTES);
    return at + 4;
  }

  private void putShort(int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  private void putInt(int at, int value) {
    putShort(at, value >>> 16);
    putShort(at + 2, value);
  }
}
