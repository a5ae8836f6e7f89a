package live.banyan.node.volunteer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import live.banyan.mesh.policy.Carry;
import live.banyan.mesh.policy.Hours;
import live.banyan.mesh.policy.Refusal;
import live.banyan.node.control.Shedding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node is held to what its owner allows, at once and over restarts. */
class VolunteerTest {
  private static final String STREAM = "channel/show";
  private static final String NODE = "00112233445566778899aabbccddeeff";

  private final Path data;
  private final List<String> done = new ArrayList<>();
  private long nowMs = Instant.parse("2026-11-29T20:00:00Z").toEpochMilli();
  private long bytesOut;

  VolunteerTest(@TempDir Path data) {
    this.data = data;
  }

  private final Shedding way =
      new Shedding() {
        @Override
        public int streams() {
          return 1;
        }

        @Override
        public void endViewer(String sessionId, String why) {
          done.add("end " + sessionId);
        }

        @Override
        public void moveChild(String stream, String nodeId, boolean now) {
          done.add((now ? "drop " : "move ") + nodeId + " of " + stream);
        }
      };

  private Volunteer volunteer(long monthBytes, String hours) throws IOException {
    return new Volunteer(
        new VolunteerConfig(
            Carry.ANYTHING,
            List.of(),
            List.of(),
            20_000_000,
            monthBytes,
            Hours.parse(hours).orElseThrow(),
            100),
        data,
        () -> 0,
        () -> bytesOut,
        () -> Instant.ofEpochMilli(nowMs),
        ZoneOffset.UTC);
  }

  private List<String> tick(Volunteer volunteer) {
    done.clear();
    nowMs += Volunteer.TICK_MS;
    volunteer.tick(way);
    return List.copyOf(done);
  }

  @Test
  void aBlockMovesEverybodyOnWithinASecond() throws IOException {
    Volunteer volunteer = volunteer(0, "0-24");
    assertEquals(Optional.empty(), volunteer.child(STREAM, NODE));
    assertEquals(Optional.empty(), volunteer.viewer(STREAM, "session"));
    assertEquals(Optional.empty(), volunteer.viewer("other/show", "another"));
    assertEquals(List.of(), tick(volunteer));
    new BlockList(data).set("channel", true);
    assertEquals(
        List.of("move " + NODE + " of " + STREAM, "end session"), tick(volunteer), "at once");
    volunteer.viewerLeft("session");
    long toldMs = nowMs;
    List<String> next = List.of();
    while (next.isEmpty()) {
      next = tick(volunteer);
      assertTrue(nowMs - toldMs <= 1_000, "the child is still here");
    }
    assertEquals(List.of("drop " + NODE + " of " + STREAM), next);
    volunteer.childLeft(STREAM, NODE);
    assertEquals(List.of(), tick(volunteer));
    assertTrue(volunteer.child(STREAM, NODE).orElse("").contains("blocked"));
    assertEquals(1, volunteer.refusals(Refusal.BLOCKED).getAsLong());
    new BlockList(data).set("channel", false);
    tick(volunteer);
    assertEquals(Optional.empty(), volunteer.child(STREAM, NODE));
  }

  @Test
  void whatWasSentThisMonthOutlivesTheProcess() throws IOException {
    try (Volunteer first = volunteer(1_000, "0-24")) {
      bytesOut = 600;
      tick(first);
      assertEquals(600, first.view().monthBytes());
    }
    bytesOut = 0;
    Volunteer second = volunteer(1_000, "0-24");
    assertEquals(Optional.empty(), second.viewer(STREAM, "session"));
    bytesOut = 400;
    assertEquals(List.of("end session"), tick(second), "the month's bytes are used up");
    assertTrue(second.viewer(STREAM, "late").isPresent());
    nowMs = Instant.parse("2026-12-01T00:00:00Z").toEpochMilli();
    tick(second);
    assertEquals(Optional.empty(), second.viewer(STREAM, "december"));
  }

  @Test
  void aMonthThatCannotBeReadStopsTheNode() throws IOException {
    Files.writeString(data.resolve("month"), "plenty\n");
    IOException e = assertThrows(IOException.class, () -> volunteer(1, "0-24"));
    assertTrue(String.valueOf(e.getMessage()).contains("month"));
  }

  @Test
  void theHoursEnd() throws IOException {
    Volunteer volunteer = volunteer(0, "18-21");
    assertEquals(Optional.empty(), volunteer.viewer(STREAM, "session"));
    nowMs = Instant.parse("2026-11-29T21:00:00Z").toEpochMilli();
    assertEquals(List.of("end session"), tick(volunteer));
    assertEquals(List.of(), tick(volunteer), "it is told once");
    volunteer.viewerLeft("session");
    assertTrue(volunteer.viewer(STREAM, "late").orElse("").contains("rests"));
  }
}
