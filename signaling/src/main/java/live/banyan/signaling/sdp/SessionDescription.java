package live.banyan.signaling.sdp;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session description as far as WebRTC uses it. {@code parse(write(x))} equals {@code x}.
 *
 * @param origin value of {@code o=}: six fields
 * @param name value of {@code s=}, never empty
 * @param connection value of the session's {@code c=}, or null
 */
public record SessionDescription(
    String origin,
    String name,
    @Nullable String connection,
    List<Attribute> attributes,
    List<MediaSection> media) {
  /** Copies the lists. */
  public SessionDescription {
    attributes = List.copyOf(attributes);
    media = List.copyOf(media);
  }

  /** Value of the first session-level attribute of this name. */
  public Optional<String> attribute(String name) {
    return Attributes.first(attributes, name);
  }

  /** Values of all session-level attributes of this name, in order. */
  public List<String> all(String name) {
    return Attributes.all(attributes, name);
  }

  /** The section's attribute, else the session's (RFC 8866 §6: a session's value is a default). */
  public Optional<String> attribute(MediaSection section, String name) {
    Optional<String> own = section.attribute(name);
    return own.isPresent() ? own : attribute(name);
  }
}
