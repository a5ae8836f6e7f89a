package live.banyan.mesh.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What a volunteer's line is given to, and what it never is. */
class AdmissionTest {
  private static final long MBIT = 1_000_000;
  private static final String MINE = "mine/show";

  private static Allowance allowance(Carry carry) {
    return new Allowance(
        carry,
        new Choice(List.of("mine")),
        new Choice(List.of("listed/show")),
        new Choice(List.of("bad")),
        0,
        0,
        Hours.ALWAYS,
        100);
  }

  private static Ask ask(String id, String stream, long network) {
    return new Ask(id, stream, network, MBIT);
  }

  private static Refusal refused(Verdict verdict) {
    return assertInstanceOf(Verdict.Refused.class, verdict).reason();
  }

  private static void admitted(Verdict verdict) {
    assertInstanceOf(Verdict.Admitted.class, verdict);
  }

  @Test
  void onlyWhatIsChosenIsCarried() {
    Admission chosen = new Admission(allowance(Carry.CHOSEN), 100 * MBIT);
    admitted(chosen.admit(ask("1", MINE, 0)));
    assertEquals(Refusal.NOT_CHOSEN, refused(chosen.admit(ask("2", "listed/show", 0))));
    Admission lists = new Admission(allowance(Carry.LISTS), 100 * MBIT);
    admitted(lists.admit(ask("1", MINE, 0)));
    admitted(lists.admit(ask("2", "listed/show", 0)));
    assertEquals(Refusal.NOT_CHOSEN, refused(lists.admit(ask("3", "listed/other", 0))));
    Admission anything = new Admission(allowance(Carry.ANYTHING), 100 * MBIT);
    admitted(anything.admit(ask("1", "whoever/show", 0)));
    assertEquals(Refusal.BLOCKED, refused(anything.admit(ask("2", "bad/show", 0))));
  }

  @Test
  void theLastFifthOfTheLineIsForWhatWasChosen() {
    Admission admission = new Admission(allowance(Carry.ANYTHING), 10 * MBIT);
    for (int i = 0; i < 8; i++) {
      admitted(admission.admit(ask("other-" + i, "channel-" + i + "/show", i + 1)));
    }
    assertEquals(Refusal.RESERVED, refused(admission.admit(ask("x", "another/show", 50))));
    admitted(admission.admit(ask("mine-1", MINE, 51)));
    admitted(admission.admit(ask("mine-2", MINE, 52)));
    assertEquals(Refusal.UPLINK_FULL, refused(admission.admit(ask("mine-3", MINE, 53))));
  }

  @Test
  void oneChannelAndOneNetworkHaveTheirBudgets() {
    Admission admission = new Admission(allowance(Carry.ANYTHING), 16 * MBIT);
    for (int i = 0; i < 8; i++) {
      admitted(admission.admit(ask("c" + i, "loud/" + i, i + 1)));
    }
    assertEquals(Refusal.CHANNEL_BUDGET, refused(admission.admit(ask("c8", "loud/8", 9))));
    admitted(admission.admit(ask("n0", MINE, 77)));
    admitted(admission.admit(ask("n1", MINE, 77)));
    admitted(admission.admit(ask("n2", MINE, 77)));
    admitted(admission.admit(ask("n3", MINE, 77)));
    assertEquals(Refusal.NETWORK_BUDGET, refused(admission.admit(ask("n4", MINE, 77))));
    admitted(admission.admit(ask("n5", MINE, 0)));
    assertEquals(Refusal.NETWORK_BUDGET, refused(admission.locate("n5", 77)));
    admitted(admission.locate("n5", 78));
    admission.release("n0");
    admitted(admission.admit(ask("n4", MINE, 77)));
  }

  @Test
  void aNarrowLineStillServesOneOfEach() {
    Admission admission = new Admission(allowance(Carry.ANYTHING), 3 * MBIT);
    admitted(admission.admit(ask("1", "a/show", 1)));
    admitted(admission.admit(ask("2", "b/show", 2)));
    assertEquals(Refusal.RESERVED, refused(admission.admit(ask("3", "c/show", 3))));
  }

  @Test
  void aBlockMakesThePlacesOverdueAndNobodyElses() {
    Admission admission = new Admission(allowance(Carry.ANYTHING), 100 * MBIT);
    admitted(admission.admit(ask("1", "a/show", 1)));
    admitted(admission.admit(ask("2", "b/show", 2)));
    assertEquals(List.of(), admission.overdue());
    admission.allow(admission.allowance().blocking(new Choice(List.of("a"))));
    assertEquals(List.of("1"), admission.overdue().stream().map(Ask::id).toList());
    admission.release("1");
    assertEquals(List.of(), admission.overdue());
    assertEquals(1, admission.places());
  }

  @Test
  void aLineThatNarrowsShedsTheYoungestThatWasNotChosen() {
    Admission admission = new Admission(allowance(Carry.ANYTHING), 20 * MBIT);
    admitted(admission.admit(ask("old", "a/show", 1)));
    admitted(admission.admit(ask("mine", MINE, 2)));
    admitted(admission.admit(ask("young", "b/show", 3)));
    admission.measured(2 * MBIT);
    assertEquals(List.of("young"), admission.overdue().stream().map(Ask::id).toList());
    admission.measured(MBIT);
    assertEquals(List.of("young", "old"), admission.overdue().stream().map(Ask::id).toList());
  }

  @Test
  void hoursAndMonthEndWhatGoesOn() {
    Allowance evenings =
        new Allowance(
            Carry.ANYTHING,
            Choice.NONE,
            Choice.NONE,
            Choice.NONE,
            5 * MBIT,
            1,
            Hours.parse("22-6").orElseThrow(),
            10);
    Admission admission = new Admission(evenings, 100 * MBIT);
    assertEquals(5 * MBIT, admission.lineBps());
    admission.clock(12 * 60, false);
    assertEquals(Refusal.OUT_OF_HOURS, refused(admission.admit(ask("1", "a/show", 0))));
    admission.clock(23 * 60, false);
    admitted(admission.admit(ask("1", "a/show", 0)));
    admission.clock(5 * 60 + 59, false);
    assertEquals(0, admission.overdue().size());
    admission.clock(6 * 60, false);
    assertEquals(1, admission.overdue().size());
    admission.clock(23 * 60, true);
    assertEquals(1, admission.overdue().size());
    assertEquals(Refusal.MONTH_USED, refused(admission.admit(ask("2", "a/show", 0))));
    assertEquals(0, admission.free(MBIT));
  }

  /** Whatever comes in whatever order, the promises to the volunteer hold. */
  @Property(tries = 300)
  void theBudgetsAreNeverExceeded(
      @ForAll List<@IntRange(min = 0, max = 4_000) Integer> steps,
      @ForAll @IntRange(min = 4, max = 60) int lineMbit) {
    Admission admission = new Admission(allowance(Carry.ANYTHING), lineMbit * MBIT);
    Map<String, Ask> model = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (int step : steps) {
      if (step % 5 == 0 && !order.isEmpty()) {
        String gone = order.remove(step % order.size());
        model.remove(gone);
        admission.release(gone);
        continue;
      }
      String stream = step % 3 == 0 ? MINE : "channel-" + step % 4 + "/show";
      Ask ask = new Ask("id-" + step, stream, 1 + step % 7, MBIT * (1 + step % 4));
      if (admission.admit(ask) instanceof Verdict.Admitted && model.put(ask.id(), ask) == null) {
        order.add(ask.id());
      }
      check(admission, model, lineMbit * MBIT);
    }
  }

  private static void check(Admission admission, Map<String, Ask> model, long line) {
    long used = model.values().stream().mapToLong(Ask::bitsPerSecond).sum();
    assertEquals(used, admission.usedBps());
    assertTrue(used <= line, used + " of " + line);
    long others =
        model.values().stream()
            .filter(ask -> !ask.stream().equals(MINE))
            .mapToLong(Ask::bitsPerSecond)
            .sum();
    assertTrue(others <= 0.8 * line, "the last fifth is the owner's");
    Map<Long, List<Ask>> networks = new HashMap<>();
    model
        .values()
        .forEach(a -> networks.computeIfAbsent(a.network(), n -> new ArrayList<>()).add(a));
    networks
        .values()
        .forEach(
            asks ->
                assertTrue(
                    asks.size() == 1
                        || asks.stream().mapToLong(Ask::bitsPerSecond).sum() <= 0.25 * line));
    assertEquals(List.of(), admission.overdue(), "who was admitted may stay");
  }
}
