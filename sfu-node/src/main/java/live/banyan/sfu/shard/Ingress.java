package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import live.banyan.sfu.congestion.ReceiverEstimate;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.media.FlexfecDecoder;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.IncomingPacket;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.RedReader;
import live.banyan.sfu.media.RelaySubscription;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionValues;
import live.banyan.sfu.rtp.RtpExtensions;
import org.jspecify.annotations.Nullable;

/**
 * The first half of a packet's way: from the datagram into the packet cache of its layer. Marks the
 * track; {@link Forwarder#serve} does the second half at the end of the batch. Not thread safe.
 */
final class Ingress {
  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Repairs repairs;
  private final Neighbours neighbours;
  private final EarlyPackets early;
  private final Consumer<ShardEvent> events;
  private final IncomingPacket packet = new IncomingPacket();
  private final RedReader red = new RedReader();
  private final IncomingPacket repaired = new IncomingPacket();
  private final FlexfecDecoder.Recovered onRepaired = this::onRepaired;
  private @Nullable SourceStream repairing;

  Ingress(
      ShardCounters counters,
      Forwarder forwarder,
      Repairs repairs,
      Neighbours neighbours,
      EarlyPackets early,
      Consumer<ShardEvent> events) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.repairs = repairs;
    this.neighbours = neighbours;
    this.early = early;
    this.events = events;
  }

  void onRtp(Transport transport, MemorySegment memory, long offset, int length, long nowNs) {
    onRtp(transport, memory, offset, length, nowNs, nowNs);
  }

  /**
   * Takes in a packet that came at {@code arrivalNs}. Feedback tells its sender that time; here it
   * counts as new now, so that there is as much time as ever to repair what is missing beside it.
   */
  private void onRtp(
      Transport transport,
      MemorySegment memory,
      long offset,
      int length,
      long arrivalNs,
      long nowNs) {
    PacketCipher cipher = transport.incomingCipher();
    if (cipher == null) {
      early.holdSealed(transport, memory, offset, length, nowNs);
      return;
    }
    int clear = cipher.unprotectRtp(memory, offset, length);
    if (clear < 0) {
      counters.drop(refusal(clear));
      return;
    }
    transport.lastAuthenticatedNs = nowNs;
    counters.add(ShardCounter.RTP_PACKETS_IN, 1);
    counters.add(ShardCounter.RTP_BYTES_IN, clear);
    if (!packet.read(memory, offset, clear, nowNs)) {
      counters.drop(DropReason.RTP_MALFORMED);
      return;
    }
    noteArrival(transport, memory, offset, clear, arrivalNs);
    onPacket(transport, memory, offset, clear, arrivalNs);
  }

  private void onPacket(
      Transport transport, MemorySegment memory, long offset, int length, long arrivalNs) {
    SourceStream stream = transport.streams.get(packet.ssrc());
    if (stream == null) {
      stream = SourceBinding.bind(transport, memory, offset, packet);
    }
    if (stream != null) {
      onMedia(stream, memory, offset, length, arrivalNs);
    } else if (transport.link) {
      early.holdOpened(transport, memory, offset, length, packet.ssrc(), arrivalNs);
    } else {
      counters.drop(DropReason.RTP_UNKNOWN_SSRC);
    }
  }

  /** The transport has its keys: takes in what came before them. */
  void onKeys(Transport transport, long nowNs) {
    early.replaySealed(
        transport,
        (from, memory, offset, length, arrivalNs) ->
            onRtp(from, memory, offset, length, arrivalNs, nowNs));
  }

  /** The transport has a new source: takes in what that has sent already. */
  void onSource(Transport transport, long nowNs) {
    early.replayOpened(
        transport,
        (link, memory, offset, length, arrivalNs) -> {
          packet.read(memory, offset, length, nowNs); // which it could be before, too
          onPacket(link, memory, offset, length, arrivalNs);
        });
  }

  /** The transport has ended. */
  void onClosed(Transport transport) {
    early.forget(transport);
  }

  static DropReason refusal(int result) {
    return switch (result) {
      case PacketCipher.FORGED -> DropReason.SRTP_FORGED;
      case PacketCipher.REPLAYED -> DropReason.SRTP_REPLAYED;
      default -> DropReason.RTP_MALFORMED;
    };
  }

  private void noteArrival(
      Transport transport, MemorySegment memory, long offset, int length, long nowNs) {
    TwccArrivals twcc = transport.twcc;
    if (twcc == null) {
      ReceiverEstimate uplink = transport.uplink;
      if (uplink != null) {
        long sendTime = RtpExtensions.find(memory, offset, transport.sendTimeId);
        uplink.received(ExtensionValues.absSendTime(memory, sendTime), length, nowNs);
      }
      return;
    }
    long element = RtpExtensions.find(memory, offset, transport.twccExtensionId);
    int sequence = ExtensionValues.transportSequence(memory, element);
    if (sequence != ExtensionValues.NONE) {
      twcc.record(sequence, nowNs);
      transport.twccMediaSsrc = packet.ssrc();
    }
  }

  private void onMedia(
      SourceStream stream, MemorySegment memory, long offset, int length, long arrivalNs) {
    FlexfecDecoder fec = stream.fec;
    if (fec != null && packet.ssrc() == stream.fecSsrc) {
      onRepair(stream, fec, memory);
      return;
    }
    Source source = stream.source;
    Layer layer = stream.layer;
    if (source.transport.link && packet.payloadType() == RelaySubscription.STEP_PAYLOAD_TYPE) {
      stream.extender.extend(packet.sequence());
      return; // the cipher has counted on, which is all that it is for
    }
    packet.readExtensions(layer.track().extensions());
    boolean rtx = packet.ssrc() == stream.rtxSsrc;
    if (rtx) {
      if (!packet.unwrapRtx()) {
        return; // a padding probe: its arrival was all it had to tell
      }
      counters.add(ShardCounter.RTX_IN, 1);
    } else {
      long index = stream.extender.extend(packet.sequence());
      stream.statistics.received(index, packet.timestamp(), arrivalNs);
    }
    if (packet.payloadType() == source.redPayloadType && source.redPayloadType != 0 && !rtx) {
      onRed(source, layer);
    } else {
      take(source, layer, packet);
    }
    if (fec != null && !rtx) {
      repairing = stream;
      fec.onMedia(memory, offset, length, layer.track().extensions(), onRepaired);
    }
    if (source.onPacket(layer.index(), packet.timestamp(), packet.payloadLength(), arrivalNs)) {
      events.accept(new ShardEvent.SourceFlowing(layer.track().id(), source.transport.id));
    }
  }

  /** Takes in what redundant audio makes good, oldest first, then the packet itself. */
  private void onRed(Source source, Layer layer) {
    int older = red.open(packet, source.payloadType);
    if (older < 0) {
      counters.drop(DropReason.RTP_MALFORMED);
      return;
    }
    counters.add(ShardCounter.RED_IN, 1);
    for (int block = 0; block < older; block++) {
      IncomingPacket lost = red.lacking(layer, block);
      if (lost != null) {
        counters.add(ShardCounter.RED_REPAIRED, 1);
        take(source, layer, lost);
      }
    }
    take(source, layer, packet);
  }

  private void onRepair(SourceStream stream, FlexfecDecoder fec, MemorySegment memory) {
    counters.add(ShardCounter.FEC_IN, 1);
    repairing = stream;
    int length = packet.payloadLength();
    if (!fec.onRepair(memory, packet.payloadAt(), length, stream.ssrc, onRepaired)) {
      counters.drop(DropReason.RTP_MALFORMED);
    }
  }

  /** Takes in a packet that was lost, as if it had come with the one that made it good. */
  private void onRepaired(MemorySegment memory, long offset, int length) {
    SourceStream stream = repairing;
    if (stream == null
        || !repaired.read(memory, offset, length, packet.arrivalNs())
        || repaired.payloadType() != stream.source.payloadType) {
      counters.drop(DropReason.RTP_MALFORMED);
      return;
    }
    counters.add(ShardCounter.FEC_REPAIRED, 1);
    repaired.setMade();
    repaired.readExtensions(stream.layer.track().extensions());
    take(stream.source, stream.layer, repaired);
  }

  private void take(Source source, Layer layer, IncomingPacket taken) {
    long keyframe = layer.keyframesSeen();
    Layer.Arrival arrival = layer.onPacket(taken);
    switch (arrival) {
      case NEW, LATE -> {
        counters.add(ShardCounter.KEYFRAMES_IN, layer.keyframesSeen() - keyframe);
        mark(layer, taken, arrival);
        neighbours.share(source.feed, layer, layer.resolve(taken.sequence()));
        if (layer.nack().size() > 0) {
          repairs.watch(source.feed);
        }
      }
      case DUPLICATE -> counters.drop(DropReason.RTP_DUPLICATE);
      case TOO_OLD -> counters.drop(DropReason.RTP_TOO_OLD);
      case TOO_LARGE -> counters.drop(DropReason.MTU);
    }
  }

  private void mark(Layer layer, IncomingPacket taken, Layer.Arrival arrival) {
    boolean begins = arrival == Layer.Arrival.NEW && !taken.marker();
    if (begins && !layer.track().codec().audio()) {
      forwarder.markUnfinished(layer.track(), taken.arrivalNs());
    } else {
      forwarder.mark(layer.track());
    }
  }

  /**
   * Takes in a packet of a track whose sources are another shard's, which repairs what is missing.
   */
  void onShared(Layer layer, MemorySegment memory, long offset, int length, long arrivalNs) {
    if (!packet.read(memory, offset, length, arrivalNs)) {
      counters.drop(DropReason.RTP_MALFORMED);
      return;
    }
    packet.readExtensions(layer.track().extensions());
    Layer.Arrival arrival = layer.onPacket(packet);
    if (arrival == Layer.Arrival.NEW || arrival == Layer.Arrival.LATE) {
      mark(layer, packet, arrival);
    }
    layer.nack().clear();
  }

  static int twccId(Source source) {
    return source.track.extensions().id(ExtensionKind.TRANSPORT_SEQUENCE);
  }
}
