package live.banyan.signaling.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.LayerWish;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer asks for of its picture, as it stands in a request's body.
 *
 * @param wish the layer; null leaves that as it is
 * @param priority our addition: how much the viewer cares, 0 to {@link MediaPlane#PRIORITY_MAX};
 *     empty leaves that as it is
 */
record LayerChoice(@Nullable LayerWish wish, OptionalInt priority) {
  /** The draft has a wish and a limit for each; a picture at or below both keeps to either. */
  private static final List<String> SPATIAL = List.of("spatialLayerId", "maxSpatialLayerId");

  private static final List<String> TEMPORAL = List.of("temporalLayerId", "maxTemporalLayerId");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  LayerChoice {
    if (wish == null && priority.isEmpty()) {
      throw new IllegalArgumentException("a choice says something");
    }
  }

  /** What reading gave: the choice, or what to answer. */
  sealed interface Reading permits Sound, Unsound {}

  /** Usable, as far as can be told without knowing the stream. */
  record Sound(LayerChoice choice) implements Reading {}

  /** Not usable. */
  record Unsound(int status, String reason, String sentence) implements Reading {}

  /**
   * Reads a choice; an empty object leaves it to the node.
   *
   * @param videoSection index of the session's video section
   */
  static Reading read(String text, int videoSection) {
    JsonNode choice = parsed(text);
    JsonNode encoding = choice.path("encodingId");
    OptionalInt spatial = least(choice, SPATIAL);
    OptionalInt temporal = least(choice, TEMPORAL);
    JsonNode media = choice.path("mediaId");
    JsonNode priority = choice.path("priority");
    if (!choice.isObject() || !isAbsent(encoding) && !encoding.isTextual()) {
      return malformed("Send a JSON object like {\"encodingId\": \"h\"}, or {} for automatic.");
    }
    if (spatial.isEmpty() || temporal.isEmpty()) {
      return malformed("Layers inside an encoding are whole numbers from 0, the lowest, on.");
    }
    if (!isAbsent(media) && !media.asText().equals(Integer.toString(videoSection))) {
      String sentence = "mediaId is the index of the video section: leave it out, or see layers.";
      return new Unsound(422, "unknown-media", sentence);
    }
    String id = encoding.asText("");
    LayerWish wish =
        new LayerWish(id.isEmpty() ? null : id, spatial.getAsInt(), temporal.getAsInt());
    if (isAbsent(priority)) {
      return new Sound(new LayerChoice(wish, OptionalInt.empty()));
    }
    int most = MediaPlane.PRIORITY_MAX;
    if (!priority.isInt() || priority.asInt() < 0 || priority.asInt() > most) {
      return malformed("priority is 0 for a picture that is not on screen, up to " + most + ".");
    }
    boolean alone = isAbsent(encoding) && saysNothing(choice);
    return new Sound(new LayerChoice(alone ? null : wish, OptionalInt.of(priority.asInt())));
  }

  private static Unsound malformed(String sentence) {
    return new Unsound(400, "malformed-choice", sentence);
  }

  /**
   * Reads a list of events.
   *
   * @return their names with commas between; empty where it is no list
   */
  static Optional<String> events(String text) {
    JsonNode names = text.isBlank() ? MAPPER.createArrayNode() : parsed(text);
    return names.isArray()
        ? Optional.of(
            StreamSupport.stream(names.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(",")))
        : Optional.empty();
  }

  /** Whether a choice has nothing of layers inside an encoding. */
  private static boolean saysNothing(JsonNode choice) {
    return Stream.concat(SPATIAL.stream(), TEMPORAL.stream())
        .allMatch(name -> isAbsent(choice.path(name)));
  }

  /** The lowest of what stands under these names, without limit where nothing does. */
  private static OptionalInt least(JsonNode choice, List<String> names) {
    int least = Integer.MAX_VALUE;
    for (String name : names) {
      JsonNode value = choice.path(name);
      if (isAbsent(value)) {
        continue;
      }
      if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 0) {
        return OptionalInt.empty();
      }
      least = Math.min(least, value.asInt());
    }
    return OptionalInt.of(least);
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static JsonNode parsed(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException malformed) {
      return MAPPER.missingNode();
    }
  }
}
