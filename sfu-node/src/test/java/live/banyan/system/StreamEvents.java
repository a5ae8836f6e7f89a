package live.banyan.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a viewer's page hears of a stream: server-sent events, with the time each came. */
final class StreamEvents implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS_MAX = 10_000;

  private record Event(long ns, String kind, JsonNode data) {}

  private final InputStream body;
  private final List<Event> events = new ArrayList<>(); // guarded by itself

  private StreamEvents(InputStream body) {
    this.body = body;
  }

  static StreamEvents open(NodeApi api, String stream) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        NodeApi.HTTP.send(
            HttpRequest.newBuilder(api.uri("/api/v1/streams/" + stream + "/events")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new AssertionError("events: " + response.statusCode());
    }
    StreamEvents events = new StreamEvents(response.body());
    Thread.ofPlatform().daemon().start(events::read);
    return events;
  }

  private void read() {
    String kind = "";
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.startsWith("event: ")) {
          kind = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          add(new Event(System.nanoTime(), kind, JSON.readTree(line.substring(6))));
        }
      }
    } catch (IOException e) {
      // Closed, by one end or the other.
    }
  }

  private void add(Event event) {
    synchronized (events) {
      if (events.size() < EVENTS_MAX) {
        events.add(event);
      }
    }
  }

  /** When the stream was first said to be in this state after a time. */
  OptionalLong stateSince(long ns, String state) {
    synchronized (events) {
      return events.stream()
          .filter(e -> e.ns - ns >= 0 && e.kind.equals("state"))
          .filter(e -> e.data.path("state").asText().equalsIgnoreCase(state))
          .mapToLong(Event::ns)
          .findFirst();
    }
  }

  /** Whether the page was told to go on at another node. */
  boolean moved(String http) {
    synchronized (events) {
      return events.stream()
          .anyMatch(e -> e.kind.equals("move") && e.data.path("http").asText().equals(http));
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
