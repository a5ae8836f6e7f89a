package live.banyan.signaling.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import live.banyan.signaling.port.MediaPlane.InnerLayer;
import live.banyan.signaling.port.MediaPlane.LayerWish;
import live.banyan.signaling.port.MediaPlane.Sound;
import live.banyan.signaling.port.MediaPlane.VideoLayer;
import live.banyan.signaling.port.StreamDirectory.State;
import live.banyan.signaling.port.StreamDirectory.StateChanged;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WHEP's extensions for layer selection and server-sent events. */
class ViewerResourceTest {
  private static final String[] JSON = {"Content-Type", "application/json"};

  private ServerHarness harness;

  @BeforeEach
  void start() {
    harness = ServerHarness.open();
    harness.directory.streams.put("news", FakeDirectory.info("news", State.LIVE));
    harness.plane.layers =
        List.of(
            new VideoLayer("h", true, 640, 360, List.of()),
            new VideoLayer("f", false, 0, 0, List.of()));
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private String watch() {
    HttpResponse<String> created = harness.post("/whep/news", "chromium156_whep_recvonly");
    assertEquals(201, created.statusCode());
    return created.headers().firstValue("Location").orElseThrow();
  }

  private static String reason(HttpResponse<String> response) throws IOException {
    return new ObjectMapper().readTree(response.body()).path("reason").asText();
  }

  private static BufferedReader reader(HttpResponse<InputStream> events) {
    assertEquals("text/event-stream", events.headers().firstValue("Content-Type").orElse(""));
    return new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8));
  }

  /** Reads one event: its name and its data, parted by a blank. */
  private static String event(BufferedReader lines) throws IOException {
    String text;
    do {
      text =
          Stream.generate(() -> line(lines))
              .takeWhile(line -> !line.isEmpty())
              .collect(Collectors.joining(" "));
    } while (!text.startsWith("event: "));
    return text.replace("event: ", "").replace("data: ", "");
  }

  private static String line(BufferedReader lines) {
    try {
      String line = lines.readLine();
      if (line == null) {
        throw new AssertionError("the event stream has ended");
      }
      return line;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void viewersAreToldOfBothExtensionsAndPublishersOfNone() {
    HttpResponse<String> created = harness.post("/whep/news", "chromium156_whep_recvonly");
    String session = created.headers().firstValue("Location").orElseThrow();
    assertEquals(
        List.of(
            "<" + session + "/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\"",
            "<"
                + session
                + "/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\";"
                + " events=\"active,inactive,layers,viewercount,sound\""),
        created.headers().allValues("Link"));
    HttpResponse<String> published = harness.post("/whip/cam", "chromium156_whip_sendonly");
    assertEquals(List.of(), published.headers().allValues("Link"));
    String publisher = published.headers().firstValue("Location").orElseThrow();
    assertEquals(404, harness.get(publisher + "/layer").statusCode());
    assertEquals(404, harness.get(publisher + "/events").statusCode());
  }

  @Test
  void layersAreListedByTheirSectionHighestFirst() {
    HttpResponse<String> listed = harness.get(watch() + "/layer");
    assertEquals(200, listed.statusCode());
    assertEquals(
        "{\"1\":{"
            + "\"active\":[{\"id\":\"h\",\"simulcastIdx\":0,\"width\":640,\"height\":360}],"
            + "\"inactive\":[{\"id\":\"f\",\"simulcastIdx\":1}],"
            + "\"layers\":["
            + "{\"encodingId\":\"h\",\"simulcastIdx\":0,\"width\":640,\"height\":360}]}}",
        listed.body());
    harness.plane.layers = List.of();
    assertEquals("{}", harness.get(watch() + "/layer").body());
  }

  @Test
  void layersInsideAnEncodingAreListedWithIt() {
    harness.plane.layers =
        List.of(
            new VideoLayer(
                "0",
                true,
                640,
                360,
                List.of(
                    new InnerLayer(0, 0, true, 320, 180),
                    new InnerLayer(0, 1, true, 320, 180),
                    new InnerLayer(1, 0, true, 640, 360),
                    new InnerLayer(2, 0, false, 0, 0))));
    String inside =
        "\"simulcastIdx\":0,\"spatialLayerId\":1,\"temporalLayerId\":0,"
            + "\"width\":640,\"height\":360},{%s"
            + "\"simulcastIdx\":0,\"spatialLayerId\":0,\"temporalLayerId\":1,"
            + "\"width\":320,\"height\":180},{%s"
            + "\"simulcastIdx\":0,\"spatialLayerId\":0,\"temporalLayerId\":0,"
            + "\"width\":320,\"height\":180}]";
    assertEquals(
        "{\"1\":{\"active\":[{\"id\":\"0\",\"simulcastIdx\":0,\"width\":640,\"height\":360,"
            + "\"layers\":[{"
            + inside.formatted("", "")
            + "}],\"inactive\":[],\"layers\":[{\"encodingId\":\"0\","
            + inside.formatted("\"encodingId\":\"0\",", "\"encodingId\":\"0\",")
            + "}}",
        harness.get(watch() + "/layer").body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"mediaId\":\"1\",\"encodingId\":\"h\"}; h; -1; -1",
        "{\"encodingId\":\"f\"}; f; -1; -1",
        "{\"mediaId\":1,\"encodingId\":null}; ; -1; -1",
        "{\"encodingId\":\"\"}; ; -1; -1",
        "{}; ; -1; -1",
        "{\"encodingId\":\"h\",\"temporalLayerId\":0}; h; -1; 0",
        "{\"spatialLayerId\":1,\"temporalLayerId\":2}; ; 1; 2",
        "{\"spatialLayerId\":2,\"maxSpatialLayerId\":1}; ; 1; -1",
        "{\"spatialLayerId\":0,\"maxSpatialLayerId\":1}; ; 0; -1",
        "{\"maxTemporalLayerId\":1,\"spatialLayerId\":null}; ; -1; 1",
        "{\"priority\":2,\"encodingId\":\"h\"}; h; -1; -1",
        "{\"priority\":2,\"temporalLayerId\":1}; ; -1; 1"
      })
  void aChoiceReachesThePlane(String body, @Nullable String encodingId, int spatial, int temporal) {
    String session = watch();
    assertEquals(200, harness.send("POST", session + "/layer", body, JSON).statusCode());
    var wish = new LayerWish(encodingId, orAll(spatial), orAll(temporal));
    assertEquals("choose " + wish, harness.plane.calls.getLast());
  }

  private static int orAll(int layer) {
    return layer < 0 ? Integer.MAX_VALUE : layer;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"encodingId\":\"x\"}; 422; unknown-layer",
        "{\"mediaId\":\"0\",\"encodingId\":\"h\"}; 422; unknown-media",
        "{\"temporalLayerId\":-1}; 400; malformed-choice",
        "{\"spatialLayerId\":\"1\"}; 400; malformed-choice",
        "{\"maxSpatialLayerId\":0.5}; 400; malformed-choice",
        "{\"maxTemporalLayerId\":4294967296}; 400; malformed-choice",
        "{\"encodingId\":7}; 400; malformed-choice",
        "{\"priority\":-1}; 400; malformed-choice",
        "{\"priority\":256}; 400; malformed-choice",
        "{\"priority\":1.5}; 400; malformed-choice",
        "{\"priority\":99999999999}; 400; malformed-choice",
        "{\"priority\":\"high\"}; 400; malformed-choice",
        "[]; 400; malformed-choice",
        "{\"encodingId; 400; malformed-choice",
        "h; 400; malformed-choice"
      })
  void aChoiceThatMakesNoSenseIsRefused(String body, int status, String why) throws IOException {
    HttpResponse<String> refused = harness.send("POST", watch() + "/layer", body, JSON);
    assertEquals(status, refused.statusCode(), refused.body());
    assertEquals(
        "application/problem+json", refused.headers().firstValue("Content-Type").orElse(""));
    assertEquals(why, reason(refused));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255})
  void aPriorityAloneLeavesTheChoiceAsItIs(int priority) {
    String session = watch();
    String body = "{\"priority\": " + priority + "}";
    int before = harness.plane.calls.size();
    assertEquals(200, harness.send("POST", session + "/layer", body, JSON).statusCode());
    assertEquals("priority " + priority, harness.plane.calls.getLast());
    assertEquals(before + 1, harness.plane.calls.size());
  }

  @Test
  void aChoiceIsJsonAndOfAnOpenSession() throws IOException {
    String session = watch();
    HttpResponse<String> untyped = harness.send("POST", session + "/layer", "{}");
    assertEquals(415, untyped.statusCode());
    assertEquals(405, harness.send("PUT", session + "/layer", "{}", JSON).statusCode());
    assertEquals(200, harness.send("DELETE", session, "").statusCode());
    HttpResponse<String> late = harness.send("POST", session + "/layer", "{}", JSON);
    assertEquals(404, late.statusCode());
    assertEquals("unknown-session", reason(late));
    assertFalse(harness.plane.calls.getLast().startsWith("choose"));
  }

  @Test
  void eventsTellTheBroadcasterTheViewersAndTheLayers() throws IOException {
    try (BufferedReader lines = reader(harness.stream(watch() + "/events"))) {
      List<String> first = List.of(event(lines), event(lines), event(lines));
      assertTrue(first.contains("active {}"), first.toString());
      assertTrue(first.contains("viewercount {\"viewercount\":3}"), first.toString());
      assertTrue(first.stream().anyMatch(it -> it.startsWith("layers {\"1\":")), first.toString());
      harness.directory.tell(new StateChanged(FakeDirectory.info("news", State.WAITING)));
      assertEquals("inactive {}", event(lines));
      harness.plane.layers = List.of(new VideoLayer("q", false, 0, 0, List.of()));
      assertTrue(
          event(lines).startsWith("layers {\"1\":{\"active\":[],\"inactive\":[{\"id\":\"q\""));
    }
    assertTrue(ServerHarness.eventually(() -> harness.directory.listeners.isEmpty()));
  }

  @Test
  void eventsTellWhoSpeaksAndHowLoudly() throws IOException {
    harness.plane.sound = new Sound(false, -70);
    try (BufferedReader lines = reader(harness.stream(watch() + "/events?types=sound"))) {
      assertEquals("sound {\"speaking\":false,\"level\":-70}", event(lines));
      harness.plane.sound = new Sound(false, -67);
      harness.plane.sound = new Sound(true, -66);
      assertEquals("sound {\"speaking\":true,\"level\":-66}", event(lines));
      harness.plane.sound = new Sound(true, -30);
      assertEquals("sound {\"speaking\":true,\"level\":-30}", event(lines));
    }
  }

  @Test
  void aPostNarrowsTheEventsDown() throws IOException {
    HttpResponse<String> created =
        harness.send("POST", watch() + "/events", "[\"inactive\",\"layers\",\"news\"]", JSON);
    assertEquals(201, created.statusCode());
    String location = created.headers().firstValue("Location").orElseThrow();
    assertTrue(location.endsWith("/events?types=inactive,layers"), location);
    try (BufferedReader lines = reader(harness.stream(location))) {
      assertTrue(event(lines).startsWith("layers"));
      harness.directory.tell(new StateChanged(FakeDirectory.info("news", State.ENDED)));
      assertEquals("inactive {}", event(lines));
    }
    assertEquals(400, harness.send("POST", watch() + "/events", "{\"a\":1}", JSON).statusCode());
  }

  @Test
  void theNewestEventStreamOfASessionReplacesTheOneBefore() throws IOException {
    String session = watch();
    try (BufferedReader former = reader(harness.stream(session + "/events"))) {
      event(former);
      try (BufferedReader newest = reader(harness.stream(session + "/events"))) {
        assertTrue(former.lines().noneMatch(":"::equals), "the former one ends before a heartbeat");
        assertTrue(event(newest).length() > 0);
      }
    }
  }

  @Test
  void eventsEndWithTheirSession() throws IOException {
    String session = watch();
    try (BufferedReader lines = reader(harness.stream(session + "/events"))) {
      event(lines);
      harness.send("DELETE", session, "");
      while (lines.readLine() != null) {
        // what was told before
      }
      assertNull(lines.readLine());
    }
    assertTrue(ServerHarness.eventually(() -> harness.directory.listeners.isEmpty()));
    assertEquals(404, harness.get(session + "/events").statusCode());
  }
}
