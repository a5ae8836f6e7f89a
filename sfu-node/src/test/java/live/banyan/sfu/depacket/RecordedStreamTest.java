package live.banyan.sfu.depacket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.OpusPayload;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtp.NtpTime;
import live.banyan.sfu.rtp.Packets;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.SequenceExtender;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedStreamTest {
  private final List<Frame> frames = new ArrayList<>();

  private FrameAssembler receive(Codec codec, List<byte[]> datagrams) {
    FrameAssembler assembler = new FrameAssembler(codec, frames::add);
    SequenceExtender extender = new SequenceExtender();
    for (byte[] datagram : datagrams) {
      MemorySegment packet = MemorySegment.ofArray(datagram);
      int header = RtpHeader.check(packet, 0, datagram.length);
      if (header < 0) {
        continue;
      }
      long index = extender.extend(RtpHeader.sequence(packet, 0));
      if (index >= 0) {
        assembler.packet(
            index,
            RtpHeader.timestamp(packet, 0),
            RtpHeader.marker(packet, 0),
            packet,
            header,
            RtpHeader.payloadLength(packet, 0, datagram.length, header),
            0);
      }
    }
    return assembler;
  }

  @ParameterizedTest
  @CsvSource({
    "VP8, vp8, 3",
    "VP8, vp8_temporal, 2",
    "VP9, vp9, 3",
    "AV1, av1, 3",
  })
  void ffmpegsPacketsGiveTheFramesBack(Codec codec, String name, int keyframes) {
    FrameAssembler assembler = receive(codec, RecordedStream.datagrams(name + ".rtp"));
    List<byte[]> sent = RecordedStream.ivfFrames(name + ".ivf");
    assertEquals(12, sent.size());
    assertEquals(sent.size(), frames.size());
    for (int i = 0; i < sent.size(); i++) {
      assertArrayEquals(sent.get(i), frames.get(i).data(), "frame " + i);
    }
    assertEquals(0, assembler.framesBroken());
    assertEquals(keyframes, frames.stream().filter(Frame::keyframe).count());
  }

  @ParameterizedTest
  @CsvSource({"VP8, vp8", "VP8, vp8_temporal", "VP9, vp9", "AV1, av1"})
  void ourPacketsGiveTheFramesBack(Codec codec, String name) {
    FrameAssembler assembler = new FrameAssembler(codec, frames::add);
    Packetizer packetizer = Packetizer.of(codec, 300);
    List<byte[]> sent = RecordedStream.ivfFrames(name + ".ivf");
    long[] index = {0};
    for (int i = 0; i < sent.size(); i++) {
      int timestamp = i * 9_000;
      packetizer.packetize(
          sent.get(i),
          (payload, length, marker) ->
              assembler.packet(index[0]++, timestamp, marker, payload, 0, length, 0));
    }
    assertEquals(sent.size(), frames.size());
    for (int i = 0; i < sent.size(); i++) {
      assertArrayEquals(sent.get(i), frames.get(i).data(), "frame " + i);
    }
    assertEquals(0, assembler.framesBroken());
  }

  @Test
  void ffmpegsH264GivesTheUnitsBack() {
    FrameAssembler assembler = receive(Codec.H264, RecordedStream.datagrams("h264.rtp"));
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    frames.forEach(frame -> received.writeBytes(frame.data()));
    assertEquals(units(RecordedStream.file("h264.h264")), units(received.toByteArray()));
    assertEquals(12, frames.size());
    assertEquals(0, assembler.framesBroken());
    assertEquals(3, frames.stream().filter(Frame::keyframe).count());
  }

  /** NAL units as text; three and four bytes of start code are the same. */
  private static List<String> units(byte[] annexB) {
    String text = new String(annexB, StandardCharsets.ISO_8859_1);
    return List.of(text.split("\0?\0\0\u0001", -1)).stream()
        .map(
            unit ->
                Packets.hex(
                    Packets.segment(unit.getBytes(StandardCharsets.ISO_8859_1)), 0, unit.length()))
        .toList();
  }

  @Test
  void ffmpegsOpusHasFramesOf20Ms() {
    receive(Codec.OPUS, RecordedStream.datagrams("opus.rtp"));
    assertEquals(21, frames.size());
    for (Frame frame : frames) {
      MemorySegment payload = MemorySegment.ofArray(frame.data());
      assertEquals(960, OpusPayload.samples(payload, 0, frame.data().length));
    }
    assertEquals(960, frames.get(1).timestamp() - frames.get(0).timestamp());
  }

  @Test
  void ffmpegsSenderReportTellsItsClock() {
    byte[] datagram = RecordedStream.datagrams("vp9.rtcp").getFirst();
    long[] epochNs = {0};
    int count =
        RtcpCompound.walk(
            MemorySegment.ofArray(datagram),
            0,
            datagram.length,
            new RtcpVisitor() {
              @Override
              public void senderReport(
                  int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
                epochNs[0] = NtpTime.toEpochNs(ntp);
              }
            });
    assertEquals(1, count);
    assertEquals(
        "2026-11-23", java.time.Instant.ofEpochSecond(0, epochNs[0]).toString().substring(0, 10));
  }

  @Property(tries = 400)
  void damagedPacketsNeverBreakIt(
      @ForAll @IntRange(max = 4) int choice,
      @ForAll @Size(max = 8) List<@IntRange(max = 0x3FFFF) Integer> edits,
      @ForAll @IntRange(max = 310) int cut) {
    Codec codec = Codec.values()[choice];
    String[] names = {"opus", "vp8_temporal", "vp9", "h264", "av1"};
    List<byte[]> datagrams = new ArrayList<>(RecordedStream.datagrams(names[choice] + ".rtp"));
    for (int edit : edits) {
      int which = edit % datagrams.size();
      datagrams.set(which, Packets.mutate(datagrams.get(which), cut, List.of(edit, edit >> 3)));
    }
    frames.clear();
    FrameAssembler assembler = receive(codec, datagrams);
    assembler.flush(0);
    assertEquals(frames.size(), assembler.frames());
    assertTrue(frames.stream().noneMatch(frame -> frame.decodable() && !frame.complete()));
  }
}
