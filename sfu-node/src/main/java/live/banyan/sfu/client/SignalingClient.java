package live.banyan.sfu.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP half of WHIP (RFC 9725) and WHEP: POST an offer, DELETE the session. Blocks. */
final class SignalingClient {
  private static final Logger LOG = LoggerFactory.getLogger(SignalingClient.class);
  private static final Duration POST_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(3);
  private static final long ANSWER_BYTES_MAX = 256 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http;
  private final URI endpoint;
  private final @Nullable String token;

  SignalingClient(HttpClient http, URI endpoint, @Nullable String token) {
    this.http = http;
    this.endpoint = endpoint;
    this.token = token;
  }

  /** What a POST gave. */
  sealed interface Posted {}

  /** 201 with an answer and the session's resource. */
  record Created(String answer, URI resource) implements Posted {}

  /** Another status. */
  record HttpRefused(int status, String sentence) implements Posted {}

  /** No answer at all. */
  record Unreachable(String sentence) implements Posted {}

  Posted post(String offer) throws InterruptedException {
    HttpResponse<String> response;
    try {
      HttpRequest request =
          request(endpoint)
              .timeout(POST_TIMEOUT)
              .header("Content-Type", "application/sdp")
              .header("Accept", "application/sdp")
              .POST(HttpRequest.BodyPublishers.ofString(offer))
              .build();
      response =
          http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX));
    } catch (IOException e) {
      return new Unreachable(
          endpoint.getAuthority() + " does not answer (" + describe(e) + "): is a node there?");
    } catch (IllegalArgumentException e) {
      return new Unreachable(endpoint + " is no http or https URL");
    }
    if (response.statusCode() != 201) {
      return new HttpRefused(response.statusCode(), sentence(response));
    }
    Optional<String> location = response.headers().firstValue("Location");
    try {
      return location.isEmpty()
          ? new Unreachable(endpoint + " answers 201 without Location: it speaks no WHIP or WHEP")
          : new Created(response.body(), response.uri().resolve(location.get()));
    } catch (IllegalArgumentException e) {
      return new Unreachable(endpoint + " names a session resource that is no URL");
    }
  }

  private static String describe(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** The detail of problem+json (RFC 9457), else what the status says. */
  private static String sentence(HttpResponse<String> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (type.startsWith("application/problem+json") || type.startsWith("application/json")) {
      try {
        JsonNode detail = JSON.readTree(response.body()).path("detail");
        if (detail.isTextual()) {
          return detail.asText();
        }
      } catch (JsonProcessingException e) {
        LOG.debug("A problem that is no JSON");
      }
    }
    return "the node refused with HTTP status " + response.statusCode();
  }

  /** Asks what the endpoint can do (OPTIONS), only so that the connection is there. */
  void greet() throws InterruptedException {
    try {
      HttpRequest request =
          request(endpoint)
              .timeout(SHORT_TIMEOUT)
              .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
              .build();
      http.send(request, BodyHandlers.discarding());
    } catch (IOException | IllegalArgumentException e) {
      LOG.debug("OPTIONS failed"); // the POST will say why
    }
  }

  /** Ends the session at the node; what cannot be reached any more has ended anyway. */
  void delete(URI resource) throws InterruptedException {
    try {
      HttpRequest request = request(resource).timeout(SHORT_TIMEOUT).DELETE().build();
      http.send(request, BodyHandlers.discarding());
    } catch (IOException e) {
      LOG.debug("DELETE of a session failed: {}", describe(e));
    }
  }

  private HttpRequest.Builder request(URI uri) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    return builder;
  }
}
