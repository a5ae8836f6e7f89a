package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.media.IncomingPacket;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.RtpExtensions;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what an SSRC means that signalling did not name: by MID and RID (RFC 8843 §9.2, RFC
 * 8852), or by payload type where a packet carries no MID. Stateless but for the transport that it
 * binds in.
 */
final class SourceBinding {
  private SourceBinding() {}

  /** Binds the packet's SSRC. @return its stream, or null where nothing or too much fits */
  static @Nullable SourceStream bind(
      Transport transport, MemorySegment memory, long offset, IncomingPacket packet) {
    if (transport.link) {
      // Parents name every SSRC; one that they do not name belongs to a stream just left.
      return null;
    }
    Source found = null;
    for (int i = 0; i < transport.sources.size(); i++) {
      Source source = transport.sources.get(i);
      int match = match(source, memory, offset, packet);
      if (match > 0) {
        found = source;
        break;
      }
      if (match == 0 && takesPayloadType(source, packet)) {
        if (found != null) {
          return null; // two sources could have sent this
        }
        found = source;
      }
    }
    return found == null ? null : bind(found, memory, offset, packet);
  }

  private static boolean takesPayloadType(Source source, IncomingPacket packet) {
    int payloadType = packet.payloadType();
    return payloadType == source.payloadType
        || isRtx(source, payloadType)
        || source.redPayloadType != 0 && payloadType == source.redPayloadType
        || isFec(source, payloadType);
  }

  private static boolean isRtx(Source source, int payloadType) {
    return source.rtxPayloadType != 0 && payloadType == source.rtxPayloadType;
  }

  private static boolean isFec(Source source, int payloadType) {
    return source.fecPayloadType != 0 && payloadType == source.fecPayloadType;
  }

  /** 1: the MID says so; 0: there is no MID to go by; -1: the MID or payload type says no. */
  private static int match(
      Source source, MemorySegment memory, long offset, IncomingPacket packet) {
    if (!takesPayloadType(source, packet)) {
      return -1;
    }
    byte[] mid = source.mid;
    int id = source.track.extensions().id(ExtensionKind.MID);
    long element = RtpExtensions.find(memory, offset, id);
    if (mid == null || element == RtpExtensions.NONE) {
      return 0;
    }
    return ExtensionValues.matches(memory, element, mid) ? 1 : -1;
  }

  private static @Nullable SourceStream bind(
      Source source, MemorySegment memory, long offset, IncomingPacket packet) {
    boolean rtx = isRtx(source, packet.payloadType());
    boolean fec = isFec(source, packet.payloadType());
    int index = layerIndex(source, rtx, memory, offset);
    if (index < 0) {
      return null;
    }
    SourceStream stream = stream(source, index);
    int bound = rtx ? stream.rtxSsrc : fec ? stream.fecSsrc : stream.ssrc;
    // A second SSRC for one encoding would bring sequence numbers of its own: a new epoch does
    // that.
    if (bound != 0 || !source.transport.streams.put(packet.ssrc(), stream)) {
      return null;
    }
    if (rtx) {
      stream.rtxSsrc = packet.ssrc();
    } else if (fec) {
      stream.fecSsrc = packet.ssrc();
    } else {
      stream.ssrc = packet.ssrc();
    }
    return stream;
  }

  private static int layerIndex(Source source, boolean rtx, MemorySegment memory, long offset) {
    byte[][] rids = source.rids;
    if (rids.length == 1 && rids[0].length == 0) {
      return 0;
    }
    ExtensionMap ids = source.track.extensions();
    int id = ids.id(rtx ? ExtensionKind.REPAIRED_RID : ExtensionKind.RID);
    long element = RtpExtensions.find(memory, offset, id);
    for (int i = 0; i < rids.length; i++) {
      if (rids[i].length > 0 && ExtensionValues.matches(memory, element, rids[i])) {
        return i;
      }
    }
    return -1;
  }

  /** The stream of one layer, made when it is first needed. */
  static SourceStream stream(Source source, int index) {
    SourceStream stream = source.streams[index];
    if (stream == null) {
      stream = new SourceStream(source, source.track.layer(index));
      source.streams[index] = stream;
    }
    return stream;
  }

  /** Binds the SSRCs that signalling named. @return false where one of them is taken */
  static boolean bindDeclared(Source source, ShardCommand.AddSource command) {
    boolean bound = true;
    for (int i = 0; i < command.layers().size(); i++) {
      ShardCommand.SourceLayer layer = command.layers().get(i);
      SourceStream stream = stream(source, i);
      if (layer.ssrc() != 0) {
        bound &= source.transport.streams.put(layer.ssrc(), stream);
        stream.ssrc = layer.ssrc();
      }
      if (layer.rtxSsrc() != 0) {
        bound &= source.transport.streams.put(layer.rtxSsrc(), stream);
        stream.rtxSsrc = layer.rtxSsrc();
      }
    }
    int fecSsrc = command.redundancy().fecSsrc();
    if (source.fecPayloadType != 0 && fecSsrc != 0) {
      SourceStream stream = stream(source, 0);
      bound &= source.transport.streams.put(fecSsrc, stream);
      stream.fecSsrc = fecSsrc;
    }
    return bound;
  }

  /** Frees the SSRCs of a source. */
  static void release(Source source) {
    for (SourceStream stream : source.streams) {
      if (stream != null) {
        release(source.transport, stream, stream.ssrc);
        release(source.transport, stream, stream.rtxSsrc);
        release(source.transport, stream, stream.fecSsrc);
        if (stream.fec != null) {
          stream.fec.close();
        }
      }
    }
    Arrays.fill(source.streams, null);
  }

  private static void release(Transport transport, SourceStream stream, int ssrc) {
    if (ssrc != 0 && transport.streams.get(ssrc) == stream) {
      transport.streams.remove(ssrc);
      if (transport.link) {
        transport.formerSsrcs.add(ssrc);
      }
    }
  }
}
