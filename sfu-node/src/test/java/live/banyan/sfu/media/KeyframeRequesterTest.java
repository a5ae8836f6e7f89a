package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyframeRequesterTest {
  private static final long MS = 1_000_000;

  private int wanted;
  private final KeyframeRequester requester = new KeyframeRequester(() -> wanted++);

  @Test
  void oneRequestHoweverManyWait() {
    assertFalse(requester.poll(0));
    for (int i = 0; i < 1_000; i++) {
      requester.request();
    }
    assertEquals(1, wanted);
    assertTrue(requester.poll(0));
    for (long now = 0; now < 500 * MS; now += MS) {
      requester.request();
      assertFalse(requester.poll(now));
    }
    assertTrue(requester.poll(500 * MS), "none came: ask again");
  }

  @Test
  void aKeyframeEndsTheWaitButNotThePause() {
    requester.request();
    assertTrue(requester.poll(0));
    requester.onKeyframe(50 * MS);
    assertEquals(Long.MAX_VALUE, requester.deadlineNs());
    requester.request();
    assertFalse(requester.poll(100 * MS));
    assertEquals(500 * MS, requester.deadlineNs());
    assertTrue(requester.poll(500 * MS));
  }

  @Test
  void aSourceThatAnswersIsNotDeafThoughARequestWasLost() {
    requester.request();
    assertTrue(requester.poll(0));
    assertTrue(requester.poll(500 * MS));
    assertFalse(requester.deaf());
    requester.onKeyframe(600 * MS);
    requester.request();
    assertTrue(requester.poll(1_000 * MS));
    assertFalse(requester.deaf());
  }

  @Test
  void aSourceThatSendsKeyframesWhenItPleasesIsDeafUntilItAnswers() {
    for (long start = 0; start < 10_000 * MS; start += 2_000 * MS) {
      requester.request();
      for (long now = start; now < start + 1_700 * MS; now += 10 * MS) {
        requester.poll(now);
      }
      assertTrue(requester.deaf());
      requester.onKeyframe(start + 1_700 * MS);
      assertTrue(requester.deaf());
    }
    requester.request();
    assertTrue(requester.poll(20_000 * MS));
    requester.onKeyframe(20_050 * MS);
    assertFalse(requester.deaf());
  }

  @Test
  void whereNobodyTakesRequestsAskingIsOfNoUse() {
    requester.askable(false);
    assertTrue(requester.deaf());
    requester.askable(true);
    assertFalse(requester.deaf());
  }

  @Test
  void aDeafSourceIsAskedLessOften() {
    requester.request();
    int asked = 0;
    for (long now = 0; now < 60_000 * MS; now += 10 * MS) {
      asked += requester.poll(now) ? 1 : 0;
    }
    assertTrue(asked > 20 && asked < 45, "asked " + asked);
  }
}
