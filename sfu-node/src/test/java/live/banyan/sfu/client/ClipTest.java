package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ClipTest {
  private static final long MS = 1_000_000L;

  /** What a source played. */
  private static final class Played implements MediaSource.Output {
    final List<byte[]> video = new ArrayList<>();
    final List<Long> videoTimes = new ArrayList<>();
    final List<byte[]> audio = new ArrayList<>();
    final List<Long> audioTimes = new ArrayList<>();

    @Override
    public void video(byte[] frame, long mediaTimeNs) {
      video.add(frame);
      videoTimes.add(mediaTimeNs);
    }

    @Override
    public void audio(byte[] packet, long mediaTimeNs) {
      audio.add(packet);
      audioTimes.add(mediaTimeNs);
    }
  }

  @Test
  void theBundledClipHasPictureAndSound() throws IOException {
    ClipSource clip = ClipSource.bundled();
    assertEquals(Codec.VP8, clip.videoCodec());
    assertTrue(clip.hasAudio());
    Played played = play(clip, 0, 2_000);
    assertEquals(60, played.video.size(), 2);
    assertEquals(100, played.audio.size(), 2);
    assertEquals(0, played.video.getFirst()[0] & 1, "begins with a keyframe");
  }

  @Test
  void loopsWithoutABreakInTime() throws IOException {
    ClipSource clip = ClipSource.of(ivf(true, false, false), ogg(3));
    Played played = play(clip, 5, 500);
    assertEquals(5, played.video.size());
    assertArrayEquals(played.video.get(0), played.video.get(3));
    for (int i = 0; i < 5; i++) {
      assertEquals(100L * i * MS, played.videoTimes.get(i));
    }
    assertEquals(25, played.audio.size());
    assertEquals(20 * MS, played.audioTimes.get(4) - played.audioTimes.get(3));
  }

  @Test
  void jumpsToTheNextKeyframeWhenAsked() throws IOException {
    ClipSource clip = ClipSource.of(ivf(true, false, false, true, false), null);
    Played played = new Played();
    clip.start(0);
    clip.poll(0, played);
    clip.requestKeyframe();
    clip.poll(100 * MS, played);
    clip.poll(200 * MS, played);
    assertEquals(3, played.video.get(1)[3]);
    assertEquals(4, played.video.get(2)[3]);
    assertEquals(List.of(0L, 100 * MS, 200 * MS), played.videoTimes);
  }

  @Test
  void aStallIsSkippedNotCaughtUpWith() throws IOException {
    ClipSource clip = ClipSource.of(ivf(true, false), null);
    Played played = new Played();
    clip.start(0);
    clip.poll(0, played);
    clip.poll(10_000 * MS, played);
    assertEquals(2, played.video.size());
    assertEquals(10_100 * MS, clip.nextDeadlineNs());
  }

  @Test
  void packetsLongerThanALacingValueStayWhole() throws IOException {
    byte[] long1 = opus(255);
    byte[] long2 = opus(700);
    AudioClip clip = AudioClip.read(oggOf(List.of(long1, long2)));
    assertEquals(2, clip.size());
    assertArrayEquals(long1, clip.packet(0));
    assertArrayEquals(long2, clip.packet(1));
    assertEquals(20 * MS, clip.durationNs(0));
  }

  @Test
  void whatCannotBePlayedSaysWhy() {
    assertSays("DKIF", () -> ClipSource.of(new byte[100], null));
    byte[] h263 = ivf(true);
    h263[8] = 'X';
    assertSays("codec", () -> ClipSource.of(h263, null));
    assertSays("keyframe", () -> ClipSource.of(ivf(false), null));
    assertSays("Opus", () -> ClipSource.of(ivf(true), new byte[0]));
    assertSays("nowhere.ivf", () -> ClipSource.file(Path.of("nowhere.ivf")));
  }

  @Property(tries = 300)
  void damagedOggIsRefusedOrPlayed(
      @ForAll @IntRange(min = 0, max = 200) int at, @ForAll byte value) {
    byte[] file = ogg(3);
    file[at % file.length] = value;
    try {
      AudioClip clip = AudioClip.read(file);
      for (int i = 0; i < clip.size(); i++) {
        assertTrue(clip.durationNs(i) > 0);
      }
    } catch (IOException refused) {
      assertFalse(refused.toString().isEmpty());
    }
  }

  @Property(tries = 200)
  void cutOffClipsAreRefusedOrPlayed(@ForAll @IntRange(min = 0, max = 300) int length) {
    try {
      AudioClip.read(Arrays.copyOf(ogg(3), Math.min(length, ogg(3).length)));
      VideoClip.read(Arrays.copyOf(ivf(true, false), length));
    } catch (IOException refused) {
      assertFalse(refused.toString().isEmpty());
    }
  }

  @Test
  void thePatternKeepsItsRateAndMakesKeyframesOnRequest() {
    PatternSource pattern = new PatternSource(2_500_000, 1_200, 30, 2);
    Played played = play(pattern, 0, 10_000);
    assertEquals(301, played.video.size());
    long packets =
        played.video.stream().mapToLong(f -> f.length / (pattern.payloadBytesMax() - 4)).sum();
    assertEquals(2_604, packets, 20);
    long keyframes = played.video.stream().filter(f -> (f[0] & 1) == 0).count();
    assertEquals(6, keyframes);
    pattern.requestKeyframe();
    Played next = new Played();
    pattern.poll(pattern.nextDeadlineNs(), next);
    assertEquals(0, next.video.getFirst()[0] & 1);
  }

  private static Played play(MediaSource source, long startMs, long lengthMs) {
    Played played = new Played();
    source.start(startMs * MS);
    for (long now = startMs; now <= startMs + lengthMs - 1; now++) {
      source.poll(now * MS, played);
    }
    if (source instanceof PatternSource) {
      source.poll((startMs + lengthMs) * MS, played);
    }
    return played;
  }

  private static void assertSays(String word, org.junit.jupiter.api.function.Executable read) {
    IOException refused = assertThrows(IOException.class, read);
    assertTrue(refused.toString().contains(word), refused.toString());
  }

  /** Frames of 100 ms whose fourth byte is their number. */
  private static byte[] ivf(boolean... keyframes) {
    ByteBuffer file =
        ByteBuffer.allocate(32 + keyframes.length * (12 + 40)).order(ByteOrder.LITTLE_ENDIAN);
    file.put("DKIF".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0).putShort((short) 32);
    file.put("VP80".getBytes(StandardCharsets.US_ASCII));
    file.putShort((short) 64).putShort((short) 48).putInt(10).putInt(1);
    file.putInt(keyframes.length).putInt(0);
    for (int i = 0; i < keyframes.length; i++) {
      file.putInt(40).putLong(i);
      byte[] frame = new byte[40];
      frame[0] = (byte) (keyframes[i] ? 0x10 : 0x11);
      frame[3] = (byte) i;
      file.put(frame);
    }
    return file.array();
  }

  private static byte[] opus(int length) {
    byte[] packet = new byte[length];
    packet[0] = (byte) (31 << 3); // CELT, 20 ms, one frame
    return packet;
  }

  private static byte[] ogg(int packets) {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < packets; i++) {
      all.add(opus(10 + i));
    }
    return oggOf(all);
  }

  private static byte[] oggOf(List<byte[]> sound) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    page(file, List.of("OpusHead-----------".getBytes(StandardCharsets.US_ASCII)));
    page(file, List.of("OpusTags----".getBytes(StandardCharsets.US_ASCII)));
    page(file, sound);
    return file.toByteArray();
  }

  private static void page(ByteArrayOutputStream file, List<byte[]> packets) {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (byte[] packet : packets) {
      for (int left = packet.length; ; left -= 255) {
        table.write(Math.min(left, 255));
        if (left < 255) {
          break;
        }
      }
      data.writeBytes(packet);
    }
    byte[] header = new byte[27];
    System.arraycopy("OggS".getBytes(StandardCharsets.US_ASCII), 0, header, 0, 4);
    header[26] = (byte) table.size();
    file.writeBytes(header);
    file.writeBytes(table.toByteArray());
    file.writeBytes(data.toByteArray());
  }
}
