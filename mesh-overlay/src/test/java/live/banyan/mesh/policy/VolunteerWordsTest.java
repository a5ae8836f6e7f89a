package live.banyan.mesh.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a volunteer writes down: hours of the day, what was sent in a month, networks. */
class VolunteerWordsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void hoursAreReadAndMayGoPastMidnight() {
    Hours evening = Hours.parse("18:30-23").orElseThrow();
    assertTrue(evening.include(18 * 60 + 30));
    assertFalse(evening.include(23 * 60));
    Hours night = Hours.parse("22-6").orElseThrow();
    assertTrue(night.include(0));
    assertTrue(night.include(22 * 60));
    assertFalse(night.include(12 * 60));
    assertTrue(Hours.parse("0-24").orElseThrow().include(1439));
    assertEquals("22:00-06:00", night.toString());
    assertEquals(Optional.of(night), Hours.parse(night.toString()));
    for (String bad : new String[] {"", "25-3", "3-3", "24-3", "3-24:30", "3:7-4", "-1-4", "a-b"}) {
      assertEquals(Optional.empty(), Hours.parse(bad), bad);
    }
  }

  @Test
  void aMonthBeginsAtNothingAndAClockSetBackTakesNothingAway() {
    int november = month(2026, 11);
    MonthlyUse use = new MonthlyUse(november, 5).plus(7, november);
    assertEquals("2026-11 12", use.text());
    assertEquals(Optional.of(use), MonthlyUse.parse(use.text() + "\n"));
    assertEquals(new MonthlyUse(november + 1, 3), use.plus(3, november + 1));
    assertEquals(new MonthlyUse(november, 15), use.plus(3, november - 1));
    assertEquals(month(2027, 1), month(2026, 12) + 1);
    for (String bad : new String[] {"", "2026-13 1", "2026-11", "2026-11 -1", "x"}) {
      assertEquals(Optional.empty(), MonthlyUse.parse(bad), bad);
    }
  }

  private static int month(int year, int month) {
    long ms = ZonedDateTime.of(year, month, 1, 0, 0, 0, 0, BERLIN).toInstant().toEpochMilli();
    return MonthlyUse.monthOf(ms, BERLIN);
  }

  @Test
  void addressesOfOneNetworkAreOne() {
    long v4 = 0xffff_c000_0207L;
    assertEquals(NetworkPrefix.of(0, v4), NetworkPrefix.of(0, v4 ^ 0xff));
    assertNotEquals(NetworkPrefix.of(0, v4), NetworkPrefix.of(0, v4 ^ 0x100));
    long v6 = 0x2001_0db8_0001_0000L;
    assertEquals(NetworkPrefix.of(v6, 1), NetworkPrefix.of(v6 | 0xffff, -1));
    assertNotEquals(NetworkPrefix.of(v6, 1), NetworkPrefix.of(v6 ^ 0x20000, 1));
    assertNotEquals(0, NetworkPrefix.of(0, 0));
  }
}
