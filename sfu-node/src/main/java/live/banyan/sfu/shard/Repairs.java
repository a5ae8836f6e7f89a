package live.banyan.sfu.shard;

import java.util.Arrays;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.rtcp.RtcpWriter;

/**
 * Asks sources for what is missing: lost packets by NACK, keyframes by PLI or FIR. Looks only at
 * tracks that were put on its list. Not thread safe.
 */
final class Repairs {
  // As many as a NACK datagram holds when no two of them are near each other.
  private static final int NACKS_MAX = 256;

  private static final long WITHOUT_SOURCE_NS = 50_000_000;

  private final RtcpSender rtcp;
  private final Neighbours neighbours;
  private final ShardCounters counters;
  private final long[] sequences = new long[NACKS_MAX];
  private Feed[] watched = new Feed[16];
  private int count;
  private long deadlineNs = Long.MAX_VALUE;

  Repairs(RtcpSender rtcp, Neighbours neighbours, ShardCounters counters) {
    this.rtcp = rtcp;
    this.neighbours = neighbours;
    this.counters = counters;
  }

  /** Looks at a track in the next {@link #run}, and for as long as something is missing. */
  void watch(Feed feed) {
    deadlineNs = Long.MIN_VALUE;
    if (feed.watched) {
      return;
    }
    feed.watched = true;
    if (count == watched.length) {
      watched = Arrays.copyOf(watched, count * 2);
    }
    watched[count++] = feed;
  }

  /** When {@link #run} has something to do next. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** Sends the requests that are due. */
  void run(long nowNs) {
    if (nowNs < deadlineNs) {
      return;
    }
    int kept = 0;
    long next = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Feed feed = watched[i];
      long deadline = feed.track.closed() ? Long.MAX_VALUE : run(feed, nowNs);
      if (deadline == Long.MAX_VALUE) {
        feed.watched = false;
      } else {
        watched[kept++] = feed;
        next = Math.min(next, deadline);
      }
    }
    Arrays.fill(watched, kept, count, null);
    count = kept;
    deadlineNs = next;
  }

  private long run(Feed feed, long nowNs) {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < feed.track.layerCount(); i++) {
      Layer layer = feed.track.layer(i);
      if (layer.nack().size() > 0) {
        askForPackets(feed, layer, nowNs);
        next = Math.min(next, layer.nack().deadlineNs(layer.highest()));
      }
      if (layer.keyframes().deadlineNs() <= nowNs && !askForKeyframe(feed, layer, nowNs)) {
        next = Math.min(next, nowNs + WITHOUT_SOURCE_NS);
      } else {
        next = Math.min(next, layer.keyframes().deadlineNs());
      }
    }
    return next;
  }

  private void askForPackets(Feed feed, Layer layer, long nowNs) {
    long givenUp = layer.nack().givenUp();
    int due = layer.nack().collect(layer.highest(), nowNs, sequences);
    counters.add(ShardCounter.REPAIRS_GIVEN_UP, layer.nack().givenUp() - givenUp);
    if (layer.nack().takeLost() && !layer.track().codec().audio()) {
      layer.keyframes().request();
    }
    if (due == 0) {
      return;
    }
    SourceStream stream = feed.repairing(layer);
    if (stream == null || !begin(stream)) {
      return;
    }
    int local = stream.source.transport.localSsrc;
    rtcp.wrote(RtcpWriter.nack(rtcp.memory(), rtcp.at(), local, stream.ssrc, sequences, 0, due));
    rtcp.end();
    counters.add(ShardCounter.NACKED_OUT, due);
  }

  /** Asks for a keyframe. @return false while nobody can be asked */
  private boolean askForKeyframe(Feed feed, Layer layer, long nowNs) {
    if (feed.sources.isEmpty() && !neighbours.alone() && layer.keyframes().poll(nowNs)) {
      neighbours.tellKeyframe(feed, layer);
      return true;
    }
    SourceStream stream = feed.refreshing(layer);
    if (stream == null || !layer.keyframes().poll(nowNs) || !begin(stream)) {
      return false;
    }
    Transport transport = stream.source.transport;
    if (stream.source.pli) {
      rtcp.wrote(
          RtcpWriter.pictureLoss(rtcp.memory(), rtcp.at(), transport.localSsrc, stream.ssrc));
    } else {
      int command = transport.fullIntraCommand++ & 0xFF;
      rtcp.wrote(
          RtcpWriter.fullIntraRequest(
              rtcp.memory(), rtcp.at(), transport.localSsrc, stream.ssrc, command));
    }
    rtcp.end();
    counters.add(ShardCounter.KEYFRAME_REQUESTS_OUT, 1);
    return true;
  }

  /** A compound begins with a report, if an empty one (RFC 3550 §6.1). */
  private boolean begin(SourceStream stream) {
    Transport transport = stream.source.transport;
    if (!rtcp.begin(transport)) {
      return false;
    }
    rtcp.wrote(RtcpWriter.receiverReport(rtcp.memory(), rtcp.at(), transport.localSsrc));
    return true;
  }
}
