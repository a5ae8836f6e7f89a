package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpeechActivityTest {
  private static final long MS = 1_000_000;
  private static final long PACKET_NS = 20 * MS;

  private final Random random = new Random(3);
  private long nowNs = 5_000 * MS;

  /** Levels around a mean, with the short pauses between syllables that speech has. */
  private int speech(int dbov, int packet) {
    return packet % 12 < 9 ? -dbov + random.nextInt(8) : 60 + random.nextInt(6);
  }

  private int noise(int dbov) {
    return -dbov + random.nextInt(5);
  }

  private void pass() {
    nowNs += PACKET_NS;
  }

  @Test
  void speechIsToldFromNoiseWithinAFifthOfASecondAndItsEndWithinOne() {
    SpeechActivity sound = new SpeechActivity();
    assertFalse(sound.known());
    for (int i = 0; i < 200; i++, pass()) {
      sound.add(noise(-60), nowNs);
      assertFalse(sound.speaking(nowNs), "packet " + i);
    }
    int began = 0;
    while (!sound.speaking(nowNs)) {
      sound.add(speech(-28, began++), nowNs);
      pass();
    }
    assertTrue(began * 20 <= 200, "took " + began + " packets");
    for (int i = 0; i < 500; i++, pass()) {
      sound.add(speech(-28, i), nowNs);
      assertTrue(sound.speaking(nowNs), "pauses between words are speech: " + i);
    }
    assertEquals(-34, sound.levelDbov(nowNs), 12);
    int ended = 0;
    while (sound.speaking(nowNs)) {
      sound.add(noise(-60), nowNs);
      ended++;
      pass();
    }
    assertTrue(ended * 20 >= 300 && ended * 20 <= 1_000, "took " + ended + " packets");
  }

  @Test
  void aCoughIsNoSpeech() {
    SpeechActivity sound = new SpeechActivity();
    for (int i = 0; i < 300; i++, pass()) {
      sound.add(i % 50 < 3 ? 15 : noise(-65), nowNs);
      assertFalse(sound.speaking(nowNs));
    }
  }

  @Test
  void aLoudPlaceIsNoSpeechAndSpeechInItIs() {
    SpeechActivity sound = new SpeechActivity();
    for (int i = 0; i < 500; i++, pass()) {
      sound.add(noise(-42), nowNs);
      assertFalse(sound.speaking(nowNs));
    }
    for (int i = 0; i < 20; i++, pass()) {
      sound.add(speech(-22, i), nowNs);
    }
    assertTrue(sound.speaking(nowNs));
  }

  @Test
  void withDiscontinuousTransmissionAPauseIsSilenceThoughNothingComes() {
    SpeechActivity sound = new SpeechActivity();
    for (int i = 0; i < 100; i++, pass()) {
      sound.add(speech(-25, i), nowNs);
    }
    assertTrue(sound.speaking(nowNs));
    nowNs += 400 * MS;
    sound.add(127, nowNs);
    nowNs += 700 * MS;
    assertFalse(sound.speaking(nowNs), "no packet was needed to see it");
    assertTrue(sound.levelDbov(nowNs) < -100);
    nowNs += 3_600_000 * MS;
    assertFalse(sound.speaking(nowNs));
  }

  @Test
  void theFloorGoesToWhoSpeaksNotToWhoCoughs() {
    SpeechActivity first = new SpeechActivity();
    SpeechActivity second = new SpeechActivity();
    List<SpeechActivity> sounds = List.of(first, second);
    ActiveSpeaker floor = new ActiveSpeaker();
    assertNull(floor.choose(sounds, nowNs));
    for (int i = 0; i < 200; i++, pass()) {
      first.add(speech(-30, i), nowNs);
      second.add(i % 60 < 3 ? 10 : noise(-62), nowNs);
      SpeechActivity chosen = floor.choose(sounds, nowNs);
      // How quiet the place is shows in the first pause.
      assertTrue(chosen == null ? i < 20 : chosen == first, "packet " + i);
    }
    for (int i = 0; i < 100; i++, pass()) {
      first.add(noise(-62), nowNs);
      second.add(noise(-62), nowNs);
      assertSame(first, floor.choose(sounds, nowNs), "silence takes the floor from nobody");
    }
    int taken = 0;
    while (floor.choose(sounds, nowNs) == first) {
      first.add(noise(-62), nowNs);
      second.add(speech(-35, taken++), nowNs);
      pass();
    }
    assertTrue(taken * 20 <= 500, "took " + taken + " packets");
    assertSame(second, floor.choose(List.of(second), nowNs));
    assertNull(floor.choose(List.of(), nowNs), "who has left has no floor");
  }
}
