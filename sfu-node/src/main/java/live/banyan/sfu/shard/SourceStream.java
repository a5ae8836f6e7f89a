package live.banyan.sfu.shard;

import live.banyan.sfu.congestion.ReceptionStatistics;
import live.banyan.sfu.media.FlexfecDecoder;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.rtp.SequenceExtender;
import org.jspecify.annotations.Nullable;

/** One layer of a source: what its SSRC, and that of its repetitions, mean. Not thread safe. */
final class SourceStream {
  final Source source;
  final Layer layer;
  final ReceptionStatistics statistics;
  final SequenceExtender extender = new SequenceExtender();
  int ssrc;
  int rtxSsrc;
  int fecSsrc;
  final @Nullable FlexfecDecoder fec;

  SourceStream(Source source, Layer layer) {
    this.source = source;
    this.layer = layer;
    statistics = new ReceptionStatistics(layer.track().codec().clockRateHz());
    fec = source.fecPayloadType == 0 ? null : new FlexfecDecoder();
  }
}
