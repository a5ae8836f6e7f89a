package live.banyan.sfu.client;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.depacket.Packetizer;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.RtpHeaderWriter;
import live.banyan.sfu.rtp.Rtx;

/** One track that is sent: packets, repetitions, sender reports. */
final class TrackSender {
  private static final byte[] CNAME = "banyan-client".getBytes(StandardCharsets.US_ASCII);
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Numbers of all packets of a transport, whatever their track. */
  static final class TransportSequence {
    private int next;

    int next() {
      return next++ & 0xFFFF;
    }
  }

  private final ClientTransport transport;
  private final Codec codec;
  private final int payloadType;
  private final int rtxPayloadType;
  private final OfferWriter.Sources sources;
  private final TransportSequence transportSequence;
  private final boolean captureTimeOnAll;
  private final Packetizer packetizer;
  private final SentPackets sent;
  private final RtpHeaderWriter header = new RtpHeaderWriter();
  private final MemorySegment mid;
  private final int midId;
  private final int transportSequenceId;
  private final int captureTimeId;
  private final int timestampBase;
  private final long startNs;
  private long nextIndex;
  private long nextRtxIndex;
  private int packets;
  private int octets;
  private int rtxPackets;
  private int rtxOctets;
  private long repeated;
  private boolean firstOfFrame;

  TrackSender(
      ClientTransport transport,
      Codec codec,
      RemoteAnswer.Track answer,
      OfferWriter.Sources sources,
      TransportSequence transportSequence,
      MediaSource source,
      RandomGenerator random,
      long startNs) {
    this.transport = transport;
    this.codec = codec;
    this.payloadType = answer.payloadType(codec);
    this.rtxPayloadType = answer.rtxPayloadType(payloadType);
    this.sources = sources;
    this.transportSequence = transportSequence;
    this.captureTimeOnAll = source.captureTimeOnAll();
    this.packetizer = Packetizer.of(codec, source.payloadBytesMax());
    this.sent = new SentPackets(source.packetsPerSecondMax());
    this.mid = MemorySegment.ofArray(answer.mid().getBytes(StandardCharsets.UTF_8));
    ExtensionMap extensions = answer.extensions();
    this.midId = answer.mid().isEmpty() ? 0 : extensions.id(ExtensionKind.MID);
    this.transportSequenceId = extensions.id(ExtensionKind.TRANSPORT_SEQUENCE);
    this.captureTimeId = extensions.id(ExtensionKind.ABS_CAPTURE_TIME);
    this.timestampBase = random.nextInt();
    this.startNs = startNs;
    // Low enough that the first wrap is 32,768 packets away (RFC 3711 §3.3.1 explains why).
    this.nextIndex = random.nextInt(0x8000);
    this.nextRtxIndex = random.nextInt(0x8000);
  }

  int ssrc() {
    return sources.ssrc();
  }

  /** Sends one frame, or one Opus packet, captured now. */
  void frame(byte[] data, long mediaTimeNs, long captureEpochNs, long nowNs) {
    int timestamp = timestampBase + units(mediaTimeNs);
    long capture = NtpTime.ofEpochNs(captureEpochNs);
    firstOfFrame = true;
    packetizer.packetize(
        data,
        (payload, length, marker) -> {
          long told = firstOfFrame || captureTimeOnAll ? capture : 0;
          firstOfFrame = false;
          packet(payload, length, marker, timestamp, told, nowNs);
        });
  }

  private int units(long ns) {
    return (int)
        (ns / NANOS_PER_SECOND * codec.clockRateHz()
            + ns % NANOS_PER_SECOND * codec.clockRateHz() / NANOS_PER_SECOND);
  }

  private void packet(
      MemorySegment payload, int length, boolean marker, int timestamp, long capture, long nowNs) {
    long index = nextIndex++;
    int slot = sent.put(index, timestamp, marker, capture, payload, length, nowNs);
    packets++;
    octets += length;
    send(index, payloadType, sources.ssrc(), slot, SentPackets.payloadOffset(slot), length);
  }

  /** The node asks for a packet again; without RTX in the answer nothing is repeated. */
  void repeat(int sequence, long nowNs) {
    int slot = rtxPayloadType == 0 ? -1 : sent.find(sequence, nowNs);
    if (slot < 0) {
      return;
    }
    sent.repeated(slot, nowNs);
    repeated++;
    long at = SentPackets.payloadOffset(slot) - Rtx.OSN_LENGTH;
    NetworkOrder.put16(sent.memory(), at, sequence);
    int length = sent.length(slot) + Rtx.OSN_LENGTH;
    rtxPackets++;
    rtxOctets += length;
    send(nextRtxIndex++, rtxPayloadType, sources.rtxSsrc(), slot, at, length);
  }

  private void send(long index, int type, int ssrc, int slot, long payloadAt, int payloadLength) {
    header
        .begin(sent.marker(slot), type, (int) index & 0xFFFF, sent.timestamp(slot), ssrc)
        .add(midId, mid, 0, (int) mid.byteSize());
    if (transportSequenceId != 0) {
      header.add(transportSequenceId, transportSequence.next(), 2);
    }
    if (sent.capture(slot) != 0) {
      header.add(captureTimeId, sent.capture(slot), 8);
    }
    long at = transport.claim();
    int headerLength = header.write(transport.memory(), at);
    transport.sendRtp(index, at, headerLength, sent.memory(), payloadAt, payloadLength);
  }

  /** Sends a sender report for the track, and one for its repetitions. */
  void report(long epochNs, long nowNs) {
    long ntp = NtpTime.ofEpochNs(epochNs);
    int timestamp = timestampBase + units(nowNs - startNs);
    sendReport(sources.ssrc(), ntp, timestamp, packets, octets);
    if (rtxPackets > 0) {
      sendReport(sources.rtxSsrc(), ntp, timestamp, rtxPackets, rtxOctets);
    }
  }

  private void sendReport(int ssrc, long ntp, int timestamp, int packetCount, int octetCount) {
    long at = transport.claim();
    MemorySegment memory = transport.memory();
    int length = RtcpWriter.senderReport(memory, at, ssrc, ntp, timestamp, packetCount, octetCount);
    length += RtcpWriter.cname(memory, at + length, ssrc, CNAME);
    transport.sendRtcp(at, length);
  }

  /** Packets sent, repetitions not counted. */
  long packets() {
    return packets & 0xFFFF_FFFFL;
  }

  /** Packets sent again. */
  long repeated() {
    return repeated;
  }
}
