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
    requester.onKeyframe();
    assertEquals(Long.MAX_VALUE, requester.deadlineNs());
    requester.request();
    assertFalse(requester.poll(100 * MS));
    assertEquals(500 * MS, requester.deadlineNs());
    assertTrue(requester.poll(500 * MS));
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
