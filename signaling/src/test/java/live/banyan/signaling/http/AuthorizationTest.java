package live.banyan.signaling.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.AuthKey;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.auth.Tokens;
import live.banyan.signaling.session.IceServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthorizationTest {
  private static final String PUBLISHER = "chromium156_whip_sendonly";
  private static final String VIEWER = "chromium156_whep_recvonly";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-01T00:00:00Z"));
  private final Tokens tokens = new Tokens(AuthKey.generate(), List.of(), now::get);
  private ServerHarness harness;

  @BeforeEach
  void start() {
    harness = new ServerHarness(config(false), Access.tokens(tokens));
  }

  private static SignalingConfig config(boolean hideLists) {
    return config(hideLists, List.of());
  }

  private static SignalingConfig config(boolean hideLists, List<IceServer> iceServers) {
    return new SignalingConfig(
        "127.0.0.1",
        0,
        null,
        List.of(),
        128 * 1024,
        1_000,
        1_000,
        0,
        1,
        100,
        100,
        100,
        iceServers,
        hideLists);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  @Test
  void turnServersAreToldOnlyToThoseWhoAreAdmitted() {
    IceServer stun = IceServer.stun("stun:stun.example.net");
    IceServer turn =
        new IceServer(
            "turn:turn.example.net", new IceServer.SharedSecret("north", Duration.ofHours(1)));
    SignalingConfig config = config(false, List.of(stun, turn));
    try (ServerHarness linked = new ServerHarness(config, Access.tokens(tokens))) {
      List<String> stranger = links(linked.send("OPTIONS", "/whip/show", ""));
      assertEquals(List.of("<stun:stun.example.net>; rel=\"ice-server\""), stranger);
      String other = bearer(Grant.WATCH, "show");
      assertEquals(
          stranger, links(linked.send("OPTIONS", "/whip/show", "", "Authorization", other)));
      String bearer = bearer(Grant.PUBLISH, "show");
      List<String> admitted =
          links(linked.send("OPTIONS", "/whip/show", "", "Authorization", bearer));
      assertEquals(2, admitted.size(), admitted.toString());
      assertTrue(
          admitted.getLast().startsWith("<turn:turn.example.net>; rel"), admitted.toString());
      HttpResponse<String> created = linked.post("/whip/show", PUBLISHER, "Authorization", bearer);
      assertEquals(201, created.statusCode());
      assertEquals(2, links(created).size());
    }
  }

  private static List<String> links(HttpResponse<String> response) {
    return response.headers().allValues("Link");
  }

  private String bearer(Grant grant, String stream) {
    return "Bearer " + tokens.issue(grant, stream, Duration.ofHours(1));
  }

  private static String challenge(HttpResponse<?> response) {
    return response.headers().firstValue("WWW-Authenticate").orElse("");
  }

  @Test
  void tokensOpenTheirStreamOnly() {
    HttpResponse<String> without = harness.post("/whip/a", PUBLISHER);
    assertEquals(401, without.statusCode());
    assertEquals("Bearer realm=\"banyan\"", challenge(without));
    HttpResponse<String> wrong =
        harness.post("/whip/a", PUBLISHER, "Authorization", "Bearer nonsense");
    assertEquals(401, wrong.statusCode());
    assertTrue(challenge(wrong).contains("invalid_token"));
    HttpResponse<String> other =
        harness.post("/whip/a", PUBLISHER, "Authorization", bearer(Grant.PUBLISH, "b"));
    assertEquals(403, other.statusCode());
    assertTrue(challenge(other).contains("insufficient_scope"));
    assertEquals(
        403,
        harness.post("/whip/a", PUBLISHER, "Authorization", bearer(Grant.WATCH, "a")).statusCode());
    assertEquals(
        201,
        harness
            .post("/whip/a", PUBLISHER, "Authorization", bearer(Grant.PUBLISH, "a"))
            .statusCode());
    assertEquals(
        201,
        harness.post("/whep/c/d", VIEWER, "Authorization", bearer(Grant.WATCH, "*")).statusCode());
    String metrics = harness.get("/metrics").body();
    assertTrue(metrics.contains("banyan_auth_refusals_total{reason=\"missing\"} 1"));
    assertTrue(metrics.contains("banyan_auth_refusals_total{reason=\"forbidden\"} 2"));
  }

  @Test
  void expiredTokensAreRefusedButEndTheirOwnSession() {
    String token = bearer(Grant.WATCH, "a");
    HttpResponse<String> created = harness.post("/whep/a", VIEWER, "Authorization", token);
    assertEquals(201, created.statusCode());
    now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
    HttpResponse<String> again = harness.post("/whep/a", VIEWER, "Authorization", token);
    assertEquals(401, again.statusCode());
    assertTrue(again.body().contains("expired"));
    String session = created.headers().firstValue("Location").orElseThrow();
    assertEquals(401, harness.send("DELETE", session, "").statusCode());
    assertEquals(
        403,
        harness
            .send("DELETE", session, "", "Authorization", bearer(Grant.WATCH, "b"))
            .statusCode());
    assertEquals(200, harness.send("DELETE", session, "", "Authorization", token).statusCode());
  }

  @Test
  void layersNeedTheTokenAndASessionsOwnEventsItsSecretAddress() throws IOException {
    String token = bearer(Grant.WATCH, "a");
    String session =
        harness
            .post("/whep/a", VIEWER, "Authorization", token)
            .headers()
            .firstValue("Location")
            .orElseThrow();
    String[] json = {"Content-Type", "application/json"};
    String[] owner = {"Content-Type", "application/json", "Authorization", token};
    assertEquals(401, harness.get(session + "/layer").statusCode());
    assertEquals(401, harness.send("POST", session + "/layer", "{}", json).statusCode());
    assertEquals(401, harness.send("POST", session + "/events", "[]", json).statusCode());
    assertEquals(200, harness.send("POST", session + "/layer", "{}", owner).statusCode());
    HttpResponse<InputStream> events = harness.stream(session + "/events");
    assertEquals(200, events.statusCode());
    events.body().close();
    assertEquals(404, harness.get("/sessions/guessed/events").statusCode());
  }

  @Test
  void eventsNeedATokenForTheStream() {
    assertEquals(401, harness.get("/api/v1/streams/a/events").statusCode());
    assertEquals(
        403,
        harness
            .get("/api/v1/streams/a/events", "Authorization", bearer(Grant.WATCH, "b"))
            .statusCode());
    assertEquals(
        200,
        harness.stream("/api/v1/streams/a/events", "Authorization", bearer(Grant.WATCH, "a"))
            .statusCode());
  }

  @Test
  void listsAreShownUnlessTheOperatorHidesThem() {
    assertEquals(200, harness.get("/api/v1/streams").statusCode());
    try (ServerHarness hidden = new ServerHarness(config(true), Access.tokens(tokens))) {
      assertEquals(401, hidden.get("/api/v1/streams").statusCode());
      assertEquals(401, hidden.get("/api/v1/node").statusCode());
      assertEquals(401, hidden.get("/api/v1/streams/a/tree").statusCode());
      assertEquals(
          403,
          hidden.get("/api/v1/streams", "Authorization", bearer(Grant.WATCH, "a")).statusCode());
      String operator =
          "Bearer " + tokens.issue(EnumSet.allOf(Grant.class), "*", Duration.ofHours(1));
      assertEquals(200, hidden.get("/api/v1/streams", "Authorization", operator).statusCode());
      assertEquals(200, hidden.get("/health/live").statusCode());
    }
  }
}
