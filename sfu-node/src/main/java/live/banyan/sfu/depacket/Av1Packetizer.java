package live.banyan.sfu.depacket;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Av1Payload;

/**
 * RTP Payload Format For AV1. Takes a temporal unit with sizes, as IVF has it; sends one OBU
 * element per packet (W = 1), without delimiters and sizes.
 */
final class Av1Packetizer extends Packetizer {
  private static final int HAS_EXTENSION = 0x04;
  private static final int HAS_SIZE = 0x02;

  Av1Packetizer(int maxPayload) {
    super(maxPayload);
  }

  @Override
  public int packetize(byte[] frame, PayloadSink sink) {
    List<byte[]> units = units(frame);
    boolean keyframe =
        units.stream().anyMatch(u -> Av1Payload.obuType(u[0]) == Av1Payload.OBU_SEQUENCE_HEADER);
    int count = 0;
    for (int u = 0; u < units.size(); u++) {
      byte[] unit = units.get(u);
      int parts = parts(unit.length, maxPayload - 1);
      for (int i = 0; i < parts; i++) {
        int from = partStart(unit.length, parts, i);
        int length = partStart(unit.length, parts, i + 1) - from;
        boolean first = u == 0 && i == 0;
        put(
            0,
            (i > 0 ? 0x80 : 0)
                | (i < parts - 1 ? 0x40 : 0)
                | 0x10
                | (first && keyframe ? 0x08 : 0));
        copy(unit, from, 1, length);
        sink.payload(buffer, 1 + length, u == units.size() - 1 && i == parts - 1);
      }
      count += parts;
    }
    return count;
  }

  /** OBUs without size fields; none where the unit is malformed. */
  private static List<byte[]> units(byte[] frame) {
    List<byte[]> units = new ArrayList<>();
    MemorySegment segment = MemorySegment.ofArray(frame);
    int at = 0;
    while (at < frame.length) {
      int header = frame[at];
      int headerLength = (header & HAS_EXTENSION) != 0 ? 2 : 1;
      int body = at + headerLength;
      int end = frame.length;
      if ((header & HAS_SIZE) != 0) {
        long number = Av1Payload.leb128(segment, body, frame.length);
        if (number == Av1Payload.MALFORMED) {
          return List.of();
        }
        body += Av1Payload.leb128Length(number);
        end = body + Av1Payload.leb128Value(number);
      }
      if (body > frame.length || end > frame.length) {
        return List.of();
      }
      int type = Av1Payload.obuType(header & 0xFF);
      if (type != Av1Payload.OBU_TEMPORAL_DELIMITER && type != Av1Payload.OBU_TILE_LIST) {
        ByteArrayOutputStream unit = new ByteArrayOutputStream();
        unit.write(header & ~HAS_SIZE);
        unit.write(frame, at + 1, headerLength - 1);
        unit.write(frame, body, end - body);
        units.add(unit.toByteArray());
      }
      at = end;
    }
    return units;
  }
}
