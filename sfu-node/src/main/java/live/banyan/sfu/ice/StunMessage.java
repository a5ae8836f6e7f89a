package live.banyan.sfu.ice;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/**
 * A reusable reader of STUN Binding messages (RFC 8489 §5, §14). {@link #parse} copies the datagram
 * and checks every bound; the accessors then tell what it held. Where an attribute repeats, the
 * first counts; what follows MESSAGE-INTEGRITY is ignored, FINGERPRINT excepted (§14.5). Not thread
 * safe; nothing is allocated per message.
 */
public final class StunMessage {
  /** Longest message that is read; a longer one is malformed. */
  public static final int BYTES_MAX = 1500;

  /** Header: type, length, magic cookie, transaction id. */
  public static final int HEADER_BYTES = 20;

  /** Value of {@link #errorCode()} where there is none. */
  public static final int NO_ERROR_CODE = 0;

  static final int MAGIC_COOKIE = 0x2112A442;
  static final int TRANSACTION_ID_BYTES = 12;
  static final int BINDING_REQUEST = 0x0001;
  static final int BINDING_INDICATION = 0x0011;
  static final int BINDING_SUCCESS = 0x0101;
  static final int BINDING_ERROR = 0x0111;

  /** Unknown attributes that an error response names at most. */
  static final int UNKNOWN_MAX = 8;

  private final byte[] bytes = new byte[BYTES_MAX];
  private final int[] unknown = new int[UNKNOWN_MAX];
  private final CRC32 crc = new CRC32();

  private int length;
  private int type;
  private int usernameOffset;
  private int usernameLength;
  private int integrityOffset;
  private boolean fingerprint;
  private boolean hasPriority;
  private int priority;
  private boolean useCandidate;
  private boolean controlling;
  private boolean controlled;
  private long tieBreaker;
  private int unknownCount;
  private int errorCode;
  private boolean hasMappedAddress;
  private long mappedHigh;
  private long mappedLow;
  private int mappedPort;

  /**
   * Reads one datagram.
   *
   * @return false when it is not a well-formed Binding message, or its FINGERPRINT does not match:
   *     then it is not STUN at all (RFC 8489 §7.3) and no accessor may be used
   */
  public boolean parse(MemorySegment datagram, long offset, int datagramLength) {
    length = 0;
    if (datagramLength < HEADER_BYTES || datagramLength > BYTES_MAX || (datagramLength & 3) != 0) {
      return false;
    }
    MemorySegment.copy(datagram, ValueLayout.JAVA_BYTE, offset, bytes, 0, datagramLength);
    if ((bytes[0] & 0xc0) != 0
        || u16(2) != datagramLength - HEADER_BYTES
        || u32(4) != MAGIC_COOKIE) {
      return false;
    }
    type = u16(0);
    if ((type & ~0x0110) != BINDING_REQUEST) {
      return false;
    }
    length = datagramLength;
    clear();
    return readAttributes();
  }

  private void clear() {
    usernameOffset = -1;
    usernameLength = 0;
    integrityOffset = -1;
    fingerprint = false;
    hasPriority = false;
    priority = 0;
    useCandidate = false;
    controlling = false;
    controlled = false;
    tieBreaker = 0;
    unknownCount = 0;
    errorCode = NO_ERROR_CODE;
    hasMappedAddress = false;
    mappedHigh = 0;
    mappedLow = 0;
    mappedPort = 0;
  }

  private boolean readAttributes() {
    int at = HEADER_BYTES;
    while (at < length) {
      if (length - at < 4 || fingerprint) {
        return false; // a torn header, or something behind FINGERPRINT, which must be last
      }
      int attribute = u16(at);
      int valueLength = u16(at + 2);
      int next = at + 4 + ((valueLength + 3) & ~3);
      if (next > length) {
        return false;
      }
      if (integrityOffset < 0 || attribute == StunAttribute.FINGERPRINT) {
        if (!readAttribute(attribute, at, valueLength)) {
          return false;
        }
      }
      at = next;
    }
    return true;
  }

  private boolean readAttribute(int attribute, int at, int valueLength) {
    int value = at + 4;
    switch (attribute) {
      case StunAttribute.USERNAME -> {
        if (valueLength > 513) {
          return false; // RFC 8489 §14.3: less than 509 bytes; ICE: two fragments of 256 and ':'
        }
        if (usernameOffset < 0) {
          usernameOffset = value;
          usernameLength = valueLength;
        }
      }
      case StunAttribute.MESSAGE_INTEGRITY -> {
        if (valueLength != StunIntegrity.MAC_BYTES) {
          return false;
        }
        integrityOffset = at;
      }
      case StunAttribute.FINGERPRINT -> {
        return valueLength == 4 && readFingerprint(at);
      }
      case StunAttribute.PRIORITY -> {
        if (valueLength != 4) {
          return false;
        }
        if (!hasPriority) {
          hasPriority = true;
          priority = u32(value);
        }
      }
      case StunAttribute.USE_CANDIDATE -> useCandidate = true;
      case StunAttribute.ICE_CONTROLLING, StunAttribute.ICE_CONTROLLED -> {
        if (valueLength != 8) {
          return false;
        }
        if (!controlling && !controlled) {
          controlling = attribute == StunAttribute.ICE_CONTROLLING;
          controlled = !controlling;
          tieBreaker = u64(value);
        }
      }
      case StunAttribute.XOR_MAPPED_ADDRESS -> {
        return hasMappedAddress || readMappedAddress(value, valueLength);
      }
      case StunAttribute.ERROR_CODE -> {
        if (valueLength < 4) {
          return false;
        }
        if (errorCode == NO_ERROR_CODE) {
          errorCode = (bytes[value + 2] & 7) * 100 + (bytes[value + 3] & 0xff) % 100;
        }
      }
      default -> {
        if (StunAttribute.isUnknownAndRequired(attribute) && unknownCount < UNKNOWN_MAX) {
          unknown[unknownCount++] = attribute;
        }
      }
    }
    return true;
  }

  private boolean readFingerprint(int at) {
    fingerprint = true;
    crc.reset();
    crc.update(bytes, 0, at);
    return ((int) crc.getValue() ^ StunAttribute.FINGERPRINT_XOR) == u32(at + 4);
  }

  private boolean readMappedAddress(int value, int valueLength) {
    int family = valueLength < 4 ? 0 : bytes[value + 1];
    if (family == 1 && valueLength == 8) {
      mappedHigh = 0;
      mappedLow = 0xffff_0000_0000L | ((u32(value + 4) ^ MAGIC_COOKIE) & 0xffff_ffffL);
    } else if (family == 2 && valueLength == 20) {
      // XORed with the cookie and the transaction id, which stand side by side (RFC 8489 §14.2).
      mappedHigh = u64(value + 4) ^ u64(4);
      mappedLow = u64(value + 12) ^ u64(12);
    } else {
      return false;
    }
    mappedPort = u16(value + 2) ^ (MAGIC_COOKIE >>> 16);
    hasMappedAddress = true;
    return true;
  }

  public boolean isRequest() {
    return type == BINDING_REQUEST;
  }

  public boolean isIndication() {
    return type == BINDING_INDICATION;
  }

  public boolean isSuccess() {
    return type == BINDING_SUCCESS;
  }

  public boolean isError() {
    return type == BINDING_ERROR;
  }

  /** Length of the whole message in bytes. */
  public int length() {
    return length;
  }

  /** Key of the part of USERNAME before the colon, the receiver's fragment; 0 without USERNAME. */
  public long localUfragKey() {
    for (int i = 0; i < usernameLength; i++) {
      if (bytes[usernameOffset + i] == ':') {
        return IceUfrag.key(bytes, usernameOffset, i);
      }
    }
    return IceUfrag.NONE;
  }

  /** Whether USERNAME is there and equals {@code expected}. */
  public boolean hasUsername(byte[] expected) {
    if (usernameOffset < 0 || usernameLength != expected.length) {
      return false;
    }
    for (int i = 0; i < usernameLength; i++) {
      if (bytes[usernameOffset + i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  public boolean hasUsername() {
    return usernameOffset >= 0;
  }

  public boolean hasIntegrity() {
    return integrityOffset >= 0;
  }

  /** Whether a FINGERPRINT is there; {@link #parse} has verified it. */
  public boolean hasFingerprint() {
    return fingerprint;
  }

  public boolean hasPriority() {
    return hasPriority;
  }

  /** PRIORITY as an unsigned 32-bit number, or 0. */
  public long priority() {
    return priority & 0xffff_ffffL;
  }

  public boolean useCandidate() {
    return useCandidate;
  }

  /** ICE-CONTROLLING is there. */
  public boolean controlling() {
    return controlling;
  }

  /** ICE-CONTROLLED is there. */
  public boolean controlled() {
    return controlled;
  }

  /** Tie-breaker of ICE-CONTROLLING or ICE-CONTROLLED; compared unsigned. */
  public long tieBreaker() {
    return tieBreaker;
  }

  /** Comprehension-required attributes that were not understood, at most {@link #UNKNOWN_MAX}. */
  public int unknownCount() {
    return unknownCount;
  }

  int unknown(int i) {
    return unknown[i];
  }

  /** 300 to 699, or {@link #NO_ERROR_CODE}. */
  public int errorCode() {
    return errorCode;
  }

  /** Whether XOR-MAPPED-ADDRESS is there. */
  public boolean hasMappedAddress() {
    return hasMappedAddress;
  }

  /** Upper half of the mapped address; IPv4 as ::ffff:a.b.c.d. */
  public long mappedHigh() {
    return mappedHigh;
  }

  public long mappedLow() {
    return mappedLow;
  }

  public int mappedPort() {
    return mappedPort;
  }

  /** First 8 bytes of the transaction id. */
  public long transactionHigh() {
    return u64(8);
  }

  /** Last 4 bytes of the transaction id. */
  public int transactionLow() {
    return u32(16);
  }

  int integrityOffset() {
    return integrityOffset;
  }

  byte[] bytes() {
    return bytes;
  }

  private int u16(int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  private int u32(int at) {
    return u16(at) << 16 | u16(at + 2);
  }

  private long u64(int at) {
    return (long) u32(at) << 32 | (u32(at + 4) & 0xffff_ffffL);
  }
}
