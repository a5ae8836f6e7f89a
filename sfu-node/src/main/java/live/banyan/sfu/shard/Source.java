package live.banyan.sfu.shard;

import java.nio.charset.StandardCharsets;
import java.util.List;
import live.banyan.sfu.codec.OpusPayload;
import live.banyan.sfu.media.Track;
import org.jspecify.annotations.Nullable;

/** One transport feeding one track, and the rhythm in which its packets come. Not thread safe. */
final class Source {
  /** A publisher may pause; a parent that does is replaced long before. */
  private static final long PUBLISHER_SILENCE_NS = 2_000_000_000L;

  /** With DTX an Opus encoder lets 400 ms pass between signs of life (RFC 6716 §2.1.9). */
  private static final long PAUSE_NS = 1_000_000_000L;

  /** No Opus packet is longer (RFC 6716 §2.1.4). */
  private static final long SOUND_PACKET_MAX_NS = 120_000_000L;

  private static final long PARENT_SILENCE_MIN_NS = 60_000_000;

  // A timestamp may jump, by fault or by malice; no broadcast has frames further apart.
  private static final long MEDIA_GAP_MAX_NS = 500_000_000L;

  final Feed feed;
  final Track track;
  final Transport transport;
  final byte @Nullable [] mid;
  final int payloadType;
  final int rtxPayloadType;
  final int redPayloadType;
  final int fecPayloadType;
  final boolean nack;
  final boolean pli;
  final boolean fir;
  // An empty name: this encoding has no rid.
  final byte[][] rids;
  final @Nullable SourceStream[] streams;

  boolean byeTold;
  private boolean flowing;
  private long lastArrivalNs;
  private int rhythmLayer;
  private int frameTimestamp;
  private long frameNs;
  // Smoothed time between frames and its mean deviation, as TCP smooths round trips.
  private long gapNs;
  private long jitterNs;
  private boolean pauses;

  Source(Feed feed, Transport transport, ShardCommand.AddSource command) {
    this.feed = feed;
    this.track = feed.track;
    this.transport = transport;
    String name = command.mid();
    mid = name == null ? null : name.getBytes(StandardCharsets.US_ASCII);
    payloadType = command.payloadType();
    rtxPayloadType = command.rtxPayloadType();
    redPayloadType = command.redundancy().redPayloadType();
    boolean one = command.layers().size() == 1;
    fecPayloadType = one ? command.redundancy().fecPayloadType() : 0;
    nack = command.nack();
    pli = command.pli();
    fir = command.fir();
    List<ShardCommand.SourceLayer> layers = command.layers();
    rids = new byte[layers.size()][];
    streams = new @Nullable SourceStream[layers.size()];
    for (int i = 0; i < rids.length; i++) {
      String rid = layers.get(i).rid();
      rids[i] = rid == null ? new byte[0] : rid.getBytes(StandardCharsets.US_ASCII);
    }
  }

  /**
   * Notes a packet.
   *
   * @param layer whose packet it is; the first one that came sets the rhythm for as long as it
   *     comes, since the layers' timestamps have nothing in common
   * @param payloadLength tells the frames that an Opus encoder falls silent with
   * @return whether the source flows from now on
   */
  boolean onPacket(int layer, int timestamp, int payloadLength, long nowNs) {
    boolean starts = !flowing;
    pauses |= track.codec().audio() && OpusPayload.isDtx(payloadLength);
    if (starts) {
      flowing = true;
      rhythmLayer = layer;
      frameTimestamp = timestamp;
      frameNs = nowNs;
    } else if (layer != rhythmLayer && nowNs - frameNs > MEDIA_GAP_MAX_NS) {
      // The layer that set the rhythm is not wanted any more.
      rhythmLayer = layer;
      frameTimestamp = timestamp;
      frameNs = nowNs;
    } else if (layer == rhythmLayer && timestamp - frameTimestamp > 0) {
      // The frames of a replay come at once, which says nothing of how they will come.
      long mediaNs = mediaNs(timestamp - frameTimestamp);
      pauses |= track.codec().audio() && mediaNs > SOUND_PACKET_MAX_NS;
      long gap = Math.max(nowNs - frameNs, mediaNs);
      if (gapNs == 0) {
        gapNs = gap;
        jitterNs = gap / 2;
      } else {
        jitterNs += (Math.abs(gap - gapNs) - jitterNs) / 4;
        gapNs += (gap - gapNs) / 8;
      }
      frameTimestamp = timestamp;
      frameNs = nowNs;
    }
    lastArrivalNs = nowNs;
    return starts;
  }

  private long mediaNs(int ticks) {
    long ns = (ticks & 0xFFFF_FFFFL) * 1_000_000_000L / track.codec().clockRateHz();
    return Math.min(ns, MEDIA_GAP_MAX_NS);
  }

  /** Whether a source that flowed has just become silent. */
  boolean fallsSilent(long nowNs) {
    if (!flowing || nowNs - lastArrivalNs <= silenceNs()) {
      return false;
    }
    flowing = false;
    return true;
  }

  boolean flowing() {
    return flowing;
  }

  long lastArrivalNs() {
    return lastArrivalNs;
  }

  /** The silence that its rhythm does not explain. */
  long silenceNs() {
    if (!transport.link) {
      return PUBLISHER_SILENCE_NS;
    }
    long rhythm = Math.max(PARENT_SILENCE_MIN_NS, 3 * gapNs + 4 * jitterNs);
    return pauses ? Math.max(PAUSE_NS, rhythm) : rhythm;
  }
}
