package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads packets (RFC 9260 §3). */
final class PacketReader {
  static final int HEADER_BYTES = 12;
  static final int CHECKSUM_AT = 8;
  private static final int CHUNK_HEADER_BYTES = 4;

  private static final int COOKIE_PARAMETER = 7;
  private static final int EXTENSIONS_PARAMETER = 0x8008;
  private static final int FORWARD_TSN_PARAMETER = 0xC000;

  private PacketReader() {}

  /** A whole packet; each of its chunks is well formed. */
  record Packet(int sourcePort, int destinationPort, int tag, List<Chunk> chunks) {
    /**
     * Whether it is of this association (RFC 9260 §8.5): by our tag, but for INIT, which knows none
     * yet, and for those that reflect the peer's.
     */
    boolean belongs(int ownTag, int peerTag) {
      Chunk first = chunks.getFirst();
      if (destinationPort != SctpAssociation.PORT || sourcePort != SctpAssociation.PORT) {
        return false;
      }
      if (first instanceof Chunk.Init init && !init.ack()) {
        return tag == 0 && chunks.size() == 1;
      }
      boolean reflected =
          first instanceof Chunk.Abort abort && abort.reflected()
              || first instanceof Chunk.ShutdownComplete complete && complete.reflected();
      return tag != 0 && tag == (reflected ? peerTag : ownTag);
    }
  }

  /** CRC32c of a packet with its checksum taken as zero (RFC 9260 §6.8). */
  static int checksum(byte[] packet, int length) {
    CRC32C crc = new CRC32C();
    crc.update(packet, 0, CHECKSUM_AT);
    crc.update(new byte[4], 0, 4);
    crc.update(packet, HEADER_BYTES, length - HEADER_BYTES);
    return (int) crc.getValue();
  }

  static boolean checksumFits(byte[] packet) {
    return packet.length >= HEADER_BYTES
        && ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM_AT)
            == checksum(packet, packet.length);
  }

  /**
   * @return null when anything in it is malformed: half a packet is not worth an interpretation
   */
  static @Nullable Packet read(byte[] bytes) {
    if (bytes.length < HEADER_BYTES + CHUNK_HEADER_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int source = u16(in);
    int destination = u16(in);
    int tag = in.getInt();
    in.position(HEADER_BYTES);
    List<Chunk> chunks = new ArrayList<>();
    while (in.remaining() >= CHUNK_HEADER_BYTES) {
      int start = in.position();
      int type = u8(in);
      int flags = u8(in);
      int length = u16(in);
      if (length < CHUNK_HEADER_BYTES || start + length > bytes.length) {
        return null;
      }
      ByteBuffer body =
          in.slice(start + CHUNK_HEADER_BYTES, length - CHUNK_HEADER_BYTES)
              .order(ByteOrder.BIG_ENDIAN);
      Chunk chunk = chunk(type, flags, body);
      if (chunk == null) {
        return null;
      }
      chunks.add(chunk);
      in.position(Math.min(bytes.length, start + padded(length)));
    }
    return in.hasRemaining() || chunks.isEmpty()
        ? null
        : new Packet(source, destination, tag, List.copyOf(chunks));
  }

  private static @Nullable Chunk chunk(int type, int flags, ByteBuffer body) {
    return switch (type) {
      case Chunk.DATA -> data(flags, body);
      case Chunk.INIT -> init(false, body);
      case Chunk.INIT_ACK -> init(true, body);
      case Chunk.SACK -> sack(body);
      case Chunk.HEARTBEAT -> new Chunk.Heartbeat(false, rest(body));
      case Chunk.HEARTBEAT_ACK -> new Chunk.Heartbeat(true, rest(body));
      case Chunk.ABORT -> new Chunk.Abort((flags & 1) != 0, cause(body));
      case Chunk.SHUTDOWN -> body.remaining() < 4 ? null : new Chunk.Shutdown(body.getInt());
      case Chunk.SHUTDOWN_ACK -> new Chunk.ShutdownAck();
      case Chunk.ERROR -> new Chunk.Failure(cause(body));
      case Chunk.COOKIE_ECHO -> new Chunk.CookieEcho(rest(body));
      case Chunk.COOKIE_ACK -> new Chunk.CookieAck();
      case Chunk.SHUTDOWN_COMPLETE -> new Chunk.ShutdownComplete((flags & 1) != 0);
      case Chunk.RECONFIG -> reconfig(body);
      case Chunk.FORWARD_TSN -> forward(body);
      default -> new Chunk.Unknown(type);
    };
  }

  private static Chunk.@Nullable Data data(int flags, ByteBuffer body) {
    // Without user data there is nothing to deliver and nothing to bound (§6.2).
    if (body.remaining() <= 12) {
      return null;
    }
    return new Chunk.Data(
        body.getInt(),
        u16(body),
        u16(body),
        body.getInt(),
        (flags & 4) != 0,
        (flags & 2) != 0,
        (flags & 1) != 0,
        (flags & 8) != 0,
        rest(body));
  }

  private static Chunk.@Nullable Init init(boolean ack, ByteBuffer body) {
    if (body.remaining() < 16) {
      return null;
    }
    int tag = body.getInt();
    int window = body.getInt();
    int out = u16(body);
    int in = u16(body);
    int tsn = body.getInt();
    byte[] cookie = {};
    boolean forward = false;
    boolean reconfig = false;
    while (body.remaining() >= 4) {
      int type = u16(body);
      ByteBuffer value = parameter(body);
      if (value == null) {
        return null;
      }
      switch (type) {
        case COOKIE_PARAMETER -> cookie = rest(value);
        case FORWARD_TSN_PARAMETER -> forward = true;
        case EXTENSIONS_PARAMETER -> {
          while (value.hasRemaining()) {
            int known = u8(value);
            forward |= known == Chunk.FORWARD_TSN;
            reconfig |= known == Chunk.RECONFIG;
          }
        }
        default -> {
          if ((type & 0x8000) == 0 && !addressLike(type)) {
            body.position(body.limit());
          }
        }
      }
    }
    return new Chunk.Init(ack, tag, window, out, in, tsn, cookie, forward, reconfig);
  }

  /** Addresses, cookie preservative, host name, address types: known, and moot inside DTLS. */
  private static boolean addressLike(int parameterType) {
    return parameterType >= 5 && parameterType <= 12;
  }

  private static Chunk.@Nullable Sack sack(ByteBuffer body) {
    if (body.remaining() < 12) {
      return null;
    }
    int cumulative = body.getInt();
    int window = body.getInt();
    int gapCount = u16(body);
    int duplicateCount = u16(body);
    if (body.remaining() < 4 * (gapCount + duplicateCount)) {
      return null;
    }
    int[] gaps = new int[2 * gapCount];
    int last = 0;
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = u16(body);
      // Blocks are disjoint and ascend; offset 1 would have been acknowledged cumulatively.
      if (gaps[i] < last + (i % 2 == 0 ? 1 : 0)) {
        return null;
      }
      last = gaps[i];
    }
    int[] duplicates = new int[duplicateCount];
    for (int i = 0; i < duplicateCount; i++) {
      duplicates[i] = body.getInt();
    }
    return new Chunk.Sack(cumulative, window, gaps, duplicates);
  }

  private static Chunk.@Nullable Reconfig reconfig(ByteBuffer body) {
    List<Chunk.Reset> parameters = new ArrayList<>(2);
    while (body.remaining() >= 4 && parameters.size() < 2) {
      int type = u16(body);
      ByteBuffer value = parameter(body);
      Chunk.Reset reset = value == null ? null : reset(type, value);
      if (reset == null) {
        return null;
      }
      parameters.add(reset);
    }
    return new Chunk.Reconfig(List.copyOf(parameters));
  }

  private static Chunk.@Nullable Reset reset(int type, ByteBuffer value) {
    int fixed =
        switch (type) {
          case Chunk.Reset.OUTGOING -> 12;
          case Chunk.Reset.RESPONSE -> 8;
          default -> 4;
        };
    if (value.remaining() < fixed) {
      return null;
    }
    int request = value.getInt();
    return switch (type) {
      case Chunk.Reset.OUTGOING ->
          new Chunk.Reset.Outgoing(request, value.getInt(), value.getInt(), u16s(value));
      case Chunk.Reset.INCOMING -> new Chunk.Reset.Incoming(request, u16s(value));
      case Chunk.Reset.RESPONSE -> new Chunk.Reset.Response(request, value.getInt());
      default -> new Chunk.Reset.Other(request);
    };
  }

  private static Chunk.@Nullable ForwardTsn forward(ByteBuffer body) {
    if (body.remaining() < 4) {
      return null;
    }
    int cumulative = body.getInt();
    int count = body.remaining() / 4;
    int[] streams = new int[count];
    int[] ssns = new int[count];
    for (int i = 0; i < count; i++) {
      streams[i] = u16(body);
      ssns[i] = u16(body);
    }
    return new Chunk.ForwardTsn(cumulative, streams, ssns);
  }

  /** Reads length and value of a parameter whose type has been read, and skips its padding. */
  private static @Nullable ByteBuffer parameter(ByteBuffer body) {
    int start = body.position() - 2;
    int length = u16(body);
    if (length < 4 || start + length > body.limit()) {
      return null;
    }
    ByteBuffer value = body.slice(start + 4, length - 4).order(ByteOrder.BIG_ENDIAN);
    body.position(Math.min(body.limit(), start + padded(length)));
    return value;
  }

  private static int cause(ByteBuffer body) {
    return body.remaining() < 4 ? 0 : u16(body);
  }

  private static int[] u16s(ByteBuffer in) {
    int[] values = new int[in.remaining() / 2];
    Arrays.setAll(values, i -> u16(in));
    return values;
  }

  private static byte[] rest(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  static int padded(int length) {
    return (length + 3) & ~3;
  }

  private static int u8(ByteBuffer in) {
    return in.get() & 0xff;
  }

  private static int u16(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }
}
