package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Look-ups in a list of attributes; names compare with case (RFC 8866 §5). */
final class Attributes {
  private Attributes() {}

  static Optional<String> first(List<Attribute> attributes, String name) {
    for (Attribute attribute : attributes) {
      if (attribute.name().equals(name)) {
        return Optional.of(attribute.text());
      }
    }
    return Optional.empty();
  }

  static List<String> all(List<Attribute> attributes, String name) {
    List<String> values = new ArrayList<>();
    for (Attribute attribute : attributes) {
      if (attribute.name().equals(name)) {
        values.add(attribute.text());
      }
    }
    return values;
  }
}
