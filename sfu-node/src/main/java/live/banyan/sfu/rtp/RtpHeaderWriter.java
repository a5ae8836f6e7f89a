package live.banyan.sfu.rtp;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put8;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;
import org.jspecify.annotations.Nullable;

/**
 * Writes an RTP header with a chosen set of extensions. One instance per thread, used over and
 * over: {@link #begin}, any number of {@code add}, {@link #write}. Allocates nothing after
 * construction.
 *
 * <p>The one-byte form is taken where all elements fit it (ids to 14, 1 to 16 bytes), else the
 * two-byte form, which the far end must have accepted ({@code a=extmap-allow-mixed}).
 */
public final class RtpHeaderWriter {
  /** Elements that one header may carry. */
  public static final int MAX_ELEMENTS = 16;

  private final int[] ids = new int[MAX_ELEMENTS];
  private final int[] lengths = new int[MAX_ELEMENTS];
  private final long[] values = new long[MAX_ELEMENTS];
  private final @Nullable MemorySegment[] sources = new @Nullable MemorySegment[MAX_ELEMENTS];
  private int count;
  private int dataLength;
  private boolean oneByteForm = true;

  private boolean marker;
  private int payloadType;
  private int sequence;
  private int timestamp;
  private int ssrc;

  /** Starts a header; forgets what was added before. */
  public RtpHeaderWriter begin(
      boolean marker, int payloadType, int sequence, int timestamp, int ssrc) {
    this.marker = marker;
    this.payloadType = payloadType;
    this.sequence = sequence;
    this.timestamp = timestamp;
    this.ssrc = ssrc;
    count = 0;
    dataLength = 0;
    oneByteForm = true;
    return this;
  }

  /**
   * Adds an element whose bytes are copied by {@link #write}; the source must not overlap the
   * destination. An id of 0 (not negotiated) is ignored.
   *
   * @param length 0 to 255 bytes
   */
  public RtpHeaderWriter add(int id, MemorySegment source, long sourceOffset, int length) {
    if (id != 0) {
      put(id, length, source, sourceOffset);
    }
    return this;
  }

  /**
   * Adds an element given as the low {@code length} bytes of a number, most significant first. An
   * id of 0 (not negotiated) is ignored.
   *
   * @param length 1 to 8 bytes
   */
  public RtpHeaderWriter add(int id, long value, int length) {
    if (id != 0) {
      if (length < 1 || length > 8) {
        throw new IllegalArgumentException("a number of " + length + " bytes");
      }
      put(id, length, null, value);
    }
    return this;
  }

  private void put(int id, int length, @Nullable MemorySegment source, long value) {
    if (id < 0 || id > 255 || length < 0 || length > 255) {
      throw new IllegalArgumentException("extension " + id + " of " + length + " bytes");
    }
    if (count == MAX_ELEMENTS) {
      throw new IllegalStateException("more than " + MAX_ELEMENTS + " extensions in one header");
    }
    ids[count] = id;
    lengths[count] = length;
    sources[count] = source;
    values[count] = value;
    count++;
    dataLength += length;
    oneByteForm &= id <= 14 && length >= 1 && length <= 16;
  }

  /** Bytes that {@link #write} will write. */
  public int length() {
    return count == 0 ? RtpHeader.FIXED_LENGTH : RtpHeader.FIXED_LENGTH + 4 + paddedLength();
  }

  private int paddedLength() {
    int elements = dataLength + count * (oneByteForm ? 1 : 2);
    return (elements + 3) & ~3;
  }

  /**
   * Writes the header.
   *
   * @return its length in bytes
   */
  public int write(MemorySegment dst, long offset) {
    RtpHeader.write(dst, offset, marker, payloadType, sequence, timestamp, ssrc);
    if (count == 0) {
      return RtpHeader.FIXED_LENGTH;
    }
    put8(dst, offset, 0x90);
    long at = offset + RtpHeader.FIXED_LENGTH;
    int padded = paddedLength();
    put16(dst, at, oneByteForm ? RtpExtensions.ONE_BYTE_PROFILE : RtpExtensions.TWO_BYTE_PROFILE);
    put16(dst, at + 2, padded / 4);
    at += 4;
    long end = at + padded;
    for (int i = 0; i < count; i++) {
      if (oneByteForm) {
        put8(dst, at++, ids[i] << 4 | (lengths[i] - 1));
      } else {
        put8(dst, at++, ids[i]);
        put8(dst, at++, lengths[i]);
      }
      writeData(dst, at, i);
      at += lengths[i];
    }
    while (at < end) {
      put8(dst, at++, 0);
    }
    return (int) (end - offset);
  }

  private void writeData(MemorySegment dst, long at, int i) {
    MemorySegment source = sources[i];
    int length = lengths[i];
    if (source != null) {
      // Elements are a few bytes long: a loop beats the set-up of a bulk copy.
      for (int b = 0; b < length; b++) {
        put8(dst, at + b, NetworkOrder.u8(source, values[i] + b));
      }
    } else {
      for (int b = 0; b < length; b++) {
        put8(dst, at + b, (int) (values[i] >>> (8 * (length - 1 - b))));
      }
    }
  }
}
