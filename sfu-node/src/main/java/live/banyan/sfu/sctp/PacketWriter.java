package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Collects chunks into one packet. */
final class PacketWriter {
  /** Bytes of a DATA chunk before its payload. */
  static final int DATA_HEADER_BYTES = 16;

  private static final byte[] OUR_EXTENSIONS = {(byte) Chunk.RECONFIG, (byte) Chunk.FORWARD_TSN};

  private final ByteBuffer out;

  PacketWriter(int bytesMax, int tag) {
    out = ByteBuffer.allocate(bytesMax);
    out.putShort((short) SctpAssociation.PORT).putShort((short) SctpAssociation.PORT);
    out.putInt(tag).putInt(0);
  }

  boolean isEmpty() {
    return out.position() == PacketReader.HEADER_BYTES;
  }

  /** Bytes left. */
  int room() {
    return out.remaining();
  }

  /** The packet with its checksum. */
  byte[] seal() {
    byte[] packet = Arrays.copyOf(out.array(), out.position());
    int checksum = PacketReader.checksum(packet, packet.length);
    ByteBuffer.wrap(packet)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(PacketReader.CHECKSUM_AT, checksum);
    return packet;
  }

  /** Appends what {@link #encode} made. */
  void chunk(byte[] encoded) {
    out.put(encoded);
  }

  /** Appends DATA without a copy in between; {@link #room} has to be enough. */
  void data(Fragment fragment) {
    OutMessage message = fragment.message;
    out.put((byte) Chunk.DATA).put((byte) fragment.flags());
    out.putShort((short) (DATA_HEADER_BYTES + fragment.length)).putInt((int) fragment.tsn);
    out.putShort((short) message.stream).putShort((short) message.ssn).putInt(message.ppid);
    out.put(message.data, fragment.from, fragment.length);
    while (out.position() % 4 != 0) {
      out.put((byte) 0);
    }
  }

  /** A chunk with its header and padding. DATA goes through {@link #data}. */
  static byte[] encode(Chunk chunk) {
    return switch (chunk) {
      case Chunk.Data data -> {
        int flags =
            (data.immediate() ? 8 : 0)
                | (data.unordered() ? 4 : 0)
                | (data.begin() ? 2 : 0)
                | (data.end() ? 1 : 0);
        yield header(Chunk.DATA, flags, 12 + data.payload().length)
            .putInt(data.tsn())
            .putShort((short) data.stream())
            .putShort((short) data.ssn())
            .putInt(data.ppid())
            .put(data.payload())
            .array();
      }
      case Chunk.Init init -> init(init);
      case Chunk.Sack sack -> sack(sack);
      case Chunk.Heartbeat beat ->
          bytes(beat.ack() ? Chunk.HEARTBEAT_ACK : Chunk.HEARTBEAT, beat.info());
      case Chunk.Abort abort ->
          abort.cause() == 0
              ? header(Chunk.ABORT, abort.reflected() ? 1 : 0, 0).array()
              : header(Chunk.ABORT, abort.reflected() ? 1 : 0, 4)
                  .putShort((short) abort.cause())
                  .putShort((short) 4)
                  .array();
      case Chunk.Shutdown shutdown ->
          header(Chunk.SHUTDOWN, 0, 4).putInt(shutdown.cumulative()).array();
      case Chunk.ShutdownAck ack -> header(Chunk.SHUTDOWN_ACK, 0, 0).array();
      case Chunk.ShutdownComplete complete ->
          header(Chunk.SHUTDOWN_COMPLETE, complete.reflected() ? 1 : 0, 0).array();
      case Chunk.Failure failure ->
          header(Chunk.ERROR, 0, 4).putShort((short) failure.cause()).putShort((short) 4).array();
      case Chunk.CookieEcho echo -> bytes(Chunk.COOKIE_ECHO, echo.cookie());
      case Chunk.CookieAck ack -> header(Chunk.COOKIE_ACK, 0, 0).array();
      case Chunk.Reconfig reconfig -> reconfig(reconfig.parameters());
      case Chunk.ForwardTsn forward -> forward(forward);
      case Chunk.Unknown unknown -> header(unknown.type(), 0, 0).array();
    };
  }

  private static byte[] init(Chunk.Init init) {
    int cookie = init.ack() ? 4 + PacketReader.padded(init.cookie().length) : 0;
    ByteBuffer out =
        header(init.ack() ? Chunk.INIT_ACK : Chunk.INIT, 0, 16 + 4 + 8 + cookie)
            .putInt(init.tag())
            .putInt(init.window())
            .putShort((short) init.outStreams())
            .putShort((short) init.inStreams())
            .putInt(init.initialTsn())
            .putShort((short) 0xC000)
            .putShort((short) 4)
            .putShort((short) 0x8008)
            .putShort((short) (4 + OUR_EXTENSIONS.length))
            .put(OUR_EXTENSIONS)
            .putShort((short) 0);
    if (init.ack()) {
      out.putShort((short) 7).putShort((short) (4 + init.cookie().length)).put(init.cookie());
    }
    return out.array();
  }

  private static byte[] sack(Chunk.Sack sack) {
    ByteBuffer out =
        header(Chunk.SACK, 0, 12 + 2 * sack.gaps().length + 4 * sack.duplicates().length)
            .putInt(sack.cumulative())
            .putInt(sack.window())
            .putShort((short) (sack.gaps().length / 2))
            .putShort((short) sack.duplicates().length);
    for (int offset : sack.gaps()) {
      out.putShort((short) offset);
    }
    for (int tsn : sack.duplicates()) {
      out.putInt(tsn);
    }
    return out.array();
  }

  private static byte[] reconfig(List<Chunk.Reset> parameters) {
    int length = 0;
    for (Chunk.Reset parameter : parameters) {
      length += PacketReader.padded(length(parameter));
    }
    ByteBuffer out = header(Chunk.RECONFIG, 0, length);
    for (Chunk.Reset parameter : parameters) {
      switch (parameter) {
        case Chunk.Reset.Outgoing outgoing -> {
          parameter(out, Chunk.Reset.OUTGOING, parameter).putInt(outgoing.request());
          out.putInt(outgoing.response()).putInt(outgoing.lastTsn());
          put(out, outgoing.streams());
        }
        case Chunk.Reset.Incoming incoming -> {
          parameter(out, Chunk.Reset.INCOMING, parameter).putInt(incoming.request());
          put(out, incoming.streams());
        }
        case Chunk.Reset.Response response ->
            parameter(out, Chunk.Reset.RESPONSE, parameter)
                .putInt(response.request())
                .putInt(response.result());
        case Chunk.Reset.Other other ->
            throw new IllegalArgumentException("nothing to write: " + other);
      }
    }
    return out.array();
  }

  private static int length(Chunk.Reset parameter) {
    return switch (parameter) {
      case Chunk.Reset.Outgoing outgoing -> 16 + 2 * outgoing.streams().length;
      case Chunk.Reset.Incoming incoming -> 8 + 2 * incoming.streams().length;
      case Chunk.Reset.Response response -> 12;
      case Chunk.Reset.Other other -> 8;
    };
  }

  private static ByteBuffer parameter(ByteBuffer out, int type, Chunk.Reset parameter) {
    return out.putShort((short) type).putShort((short) length(parameter));
  }

  private static void put(ByteBuffer out, int[] streams) {
    for (int stream : streams) {
      out.putShort((short) stream);
    }
    if (streams.length % 2 != 0) {
      out.putShort((short) 0);
    }
  }

  private static byte[] forward(Chunk.ForwardTsn forward) {
    ByteBuffer out =
        header(Chunk.FORWARD_TSN, 0, 4 + 4 * forward.streams().length).putInt(forward.cumulative());
    for (int i = 0; i < forward.streams().length; i++) {
      out.putShort((short) forward.streams()[i]).putShort((short) forward.ssns()[i]);
    }
    return out.array();
  }

  private static byte[] bytes(int type, byte[] body) {
    return header(type, 0, body.length).put(body).array();
  }

  private static ByteBuffer header(int type, int flags, int bodyBytes) {
    return ByteBuffer.allocate(4 + PacketReader.padded(bodyBytes))
        .put((byte) type)
        .put((byte) flags)
        .putShort((short) (4 + bodyBytes));
  }
}
