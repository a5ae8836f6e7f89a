package live.banyan.sfu.shard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.SequenceExtender;

/**
 * A viewer on a simulated network: keeps what it got by sequence number, asks for what it lacks.
 */
final class ViewerParty {
  private static final long NACK_EVERY_NS = 25_000_000L;

  private static final long REPORT_EVERY_NS = 1_000_000_000L;

  private final MediaPlan plan;
  final int party;
  private final int shard;
  final long subscriptionId;
  private final int ssrc;
  private final SequenceExtender extender = new SequenceExtender();
  private final Map<Long, Long> missingSinceNs = new TreeMap<>();
  private final MemorySegment scratch = Arena.ofAuto().allocate(1500);
  final TreeMap<Long, Got> got = new TreeMap<>();
  private long lastNackNs;
  private long lastReportNs;
  int duplicates;
  int viaRtx;
  long lastFrameNs;
  long longestGapNs;
  boolean nacks = true;

  /** One media packet: what it carried and what it was called. */
  record Got(int body, int timestamp, boolean marker, int pictureId, long atNs) {}

  ViewerParty(MediaPlan plan, int party, int shard, long subscriptionId, int ssrc) {
    this.plan = plan;
    this.party = party;
    this.shard = shard;
    this.subscriptionId = subscriptionId;
    this.ssrc = ssrc;
  }

  void receive(byte[] packet, long nowNs) {
    if (!RtpPackets.isRtp(packet)) {
      return;
    }
    int header = RtpPackets.headerLength(packet);
    boolean rtx = RtpPackets.ssrc(packet) != ssrc;
    ByteBuffer bytes = ByteBuffer.wrap(packet);
    int sequence = rtx ? bytes.getShort(header) & 0xFFFF : RtpPackets.sequence(packet);
    int payload = rtx ? header + 2 : header;
    viaRtx += rtx ? 1 : 0;
    long before = extender.newest();
    long index = extender.extend(sequence);
    if (before >= 0) {
      for (long lost = before + 1; lost < index; lost++) {
        missingSinceNs.put(lost, nowNs);
      }
    }
    if (!got.isEmpty()) {
      for (long lost = index + 1; lost < got.firstKey(); lost++) {
        missingSinceNs.put(lost, nowNs);
      }
    }
    missingSinceNs.remove(index);
    int pictureId = bytes.getShort(payload + 2) & 0x7FFF;
    boolean marker = (packet[1] & 0x80) != 0;
    int body = RtpPackets.bodyOf(packet, payload);
    Got packetGot = new Got(body, RtpPackets.timestamp(packet), marker, pictureId, nowNs);
    if (got.putIfAbsent(index, packetGot) != null) {
      duplicates++;
    }
    if (lastFrameNs != 0) {
      longestGapNs = Math.max(longestGapNs, nowNs - lastFrameNs);
    }
    lastFrameNs = nowNs;
  }

  void tick(long nowNs) {
    if (nowNs - lastReportNs >= REPORT_EVERY_NS) {
      lastReportNs = nowNs;
      int length = RtcpWriter.receiverReport(scratch, 0, 1);
      plan.send(party, shard, scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
    if (!nacks || missingSinceNs.isEmpty() || nowNs - lastNackNs < NACK_EVERY_NS) {
      return;
    }
    lastNackNs = nowNs;
    List<Long> asked = new ArrayList<>();
    missingSinceNs.forEach(
        (sequence, since) -> {
          if (nowNs - since > 10_000_000L && nowNs - since < 1_500_000_000L) {
            asked.add(sequence);
          }
        });
    if (asked.isEmpty()) {
      return;
    }
    long[] sequences = asked.stream().mapToLong(Long::longValue).limit(200).toArray();
    int length = RtcpWriter.receiverReport(scratch, 0, 1);
    length += RtcpWriter.nack(scratch, length, 1, ssrc, sequences, 0, sequences.length);
    plan.send(party, shard, scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /** Sequence numbers between the first and the last packet that never came. */
  int missing() {
    return got.isEmpty() ? 0 : (int) (got.lastKey() - got.firstKey() + 1 - got.size());
  }

  /** Which packets never came, counted from the first that did. */
  List<Long> missingPlaces() {
    List<Long> places = new ArrayList<>();
    for (long sequence = got.firstKey(); sequence < got.lastKey(); sequence++) {
      if (!got.containsKey(sequence)) {
        places.add(sequence - got.firstKey());
      }
    }
    return places;
  }

  /** Whether bodies and sequence numbers run in step: no packet lost, doubled or misplaced. */
  boolean inStep() {
    return got.isEmpty()
        || got.entrySet().stream()
            .allMatch(
                e ->
                    e.getKey() - got.firstKey()
                        == e.getValue().body() - got.firstEntry().getValue().body());
  }
}
