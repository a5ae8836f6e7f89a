package live.banyan.sfu.depacket;

import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import live.banyan.sfu.codec.Av1Payload;

/** RTP Payload Format For AV1: OBUs with their sizes put back, behind a temporal delimiter. */
final class Av1Joiner extends PayloadJoiner {
  private static final int HAS_EXTENSION = 0x04;
  private static final int HAS_SIZE = 0x02;

  private final ByteArrayOutputStream unit = new ByteArrayOutputStream();
  private boolean unitOpen;
  private boolean keyframe;

  @Override
  void begin() {
    super.begin();
    unit.reset();
    unitOpen = false;
    keyframe = false;
    append(Av1Payload.OBU_TEMPORAL_DELIMITER << 3 | HAS_SIZE, 0);
  }

  @Override
  boolean add(MemorySegment payload, int length) {
    if (length < 2) {
      return false;
    }
    int header = u8(payload, 0);
    if (Av1Payload.continues(header) != unitOpen) {
      return false;
    }
    keyframe |= Av1Payload.startsSequence(header);
    int count = Av1Payload.elementCount(header);
    long at = 1;
    int element = 0;
    while (at < length) {
      element++;
      boolean sized = count == 0 || element < count;
      long size = length - at;
      if (sized) {
        long number = Av1Payload.leb128(payload, at, length);
        if (number == Av1Payload.MALFORMED) {
          return false;
        }
        at += Av1Payload.leb128Length(number);
        size = Av1Payload.leb128Value(number);
      }
      if (at + size > length) {
        return false;
      }
      unit.writeBytes(payload.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE));
      at += size;
      unitOpen = at == length && Av1Payload.continued(header);
      if (!unitOpen && !closeUnit()) {
        return false;
      }
    }
    return count == 0 || element == count;
  }

  private boolean closeUnit() {
    byte[] bytes = unit.toByteArray();
    unit.reset();
    if (bytes.length == 0) {
      return false;
    }
    int type = Av1Payload.obuType(bytes[0]);
    if (type == Av1Payload.OBU_TEMPORAL_DELIMITER || type == Av1Payload.OBU_TILE_LIST) {
      return true;
    }
    MemorySegment obu = MemorySegment.ofArray(bytes);
    int headerLength = (bytes[0] & HAS_EXTENSION) != 0 ? 2 : 1;
    if (headerLength > bytes.length) {
      return false;
    }
    int body = headerLength;
    if ((bytes[0] & HAS_SIZE) != 0) {
      long number = Av1Payload.leb128(obu, headerLength, bytes.length);
      if (number == Av1Payload.MALFORMED) {
        return false;
      }
      body += Av1Payload.leb128Length(number);
      if (Av1Payload.leb128Value(number) != bytes.length - body) {
        return false;
      }
    }
    append(bytes[0] | HAS_SIZE);
    append(obu, 1, headerLength - 1L);
    appendLeb128(bytes.length - body);
    append(obu, body, bytes.length - body);
    return true;
  }

  private void appendLeb128(int value) {
    int rest = value;
    while (rest > 0x7F) {
      append(rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    append(rest);
  }

  @Override
  boolean keyframe() {
    return keyframe;
  }

  @Override
  boolean finish(boolean complete) {
    boolean whole = complete && !unitOpen;
    return keyframe ? chain.keyframe(whole, -1) : chain.delta(whole, false);
  }
}
