package live.banyan.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node tells over HTTP. */
record NodeApi(String base) {
  /** One for all tests; its threads are daemons. */
  static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private static final Pattern DROPPED =
      Pattern.compile("(?m)^banyan_dropped_total\\{reason=\"(\\w+)\"} (\\S+)$");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  URI uri(String path) {
    return URI.create(base + path);
  }

  URI whip(String stream) {
    return uri("/whip/" + stream);
  }

  URI whep(String stream) {
    return uri("/whep/" + stream);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(uri(path)).timeout(TIMEOUT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Ends a session. @return the status */
  static int delete(URI resource) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(resource).timeout(TIMEOUT).DELETE().build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  boolean ready() throws IOException, InterruptedException {
    return get("/health/ready").statusCode() == 200;
  }

  /** {@code GET /api/v1/node}. */
  JsonNode node() throws IOException, InterruptedException {
    return json("/api/v1/node");
  }

  /** The nodes of a stream's tree, root first; empty when the stream is unknown. */
  JsonNode tree(String stream) throws IOException, InterruptedException {
    return json("/api/v1/streams/" + stream + "/tree").path("nodes");
  }

  /** live, waiting or nothing. */
  Optional<String> state(String stream) throws IOException, InterruptedException {
    for (JsonNode known : json("/api/v1/streams").path("streams")) {
      if (known.path("name").asText().equals(stream)) {
        return Optional.of(known.path("state").asText());
      }
    }
    return Optional.empty();
  }

  /** Waits until the node knows a stream that is live. */
  void awaitLive(String stream) throws InterruptedException {
    Eventually.until(
        "the stream to be live at " + base,
        Program.PATIENCE,
        () -> state(stream).orElse("").equalsIgnoreCase("live"));
  }

  private JsonNode json(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(path).body());
  }

  /**
   * A sample of {@code /metrics}.
   *
   * @param sample name with labels, as the page has it
   */
  double metric(String sample) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1).strip()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + sample + " at " + base));
  }

  /** A counter of the media shard, by its name in lower case. */
  double counter(String name) throws IOException, InterruptedException {
    return metric("banyan_shard_" + name + "_total");
  }

  /** Datagrams dropped, by reason in lower case. */
  Map<String, Double> drops() throws IOException, InterruptedException {
    Map<String, Double> drops = new TreeMap<>();
    Matcher sample = DROPPED.matcher(get("/metrics").body());
    while (sample.find()) {
      drops.put(sample.group(1), Double.valueOf(sample.group(2)));
    }
    return drops;
  }

  /** Datagrams dropped for a reason, in lower case. */
  double dropped(String reason) throws IOException, InterruptedException {
    return metric("banyan_dropped_total{reason=\"" + reason + "\"}");
  }
}
