package live.banyan.signaling.sdp;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One m-section (RFC 8866 §5.14) with what WebRTC uses of it; bandwidth, titles and keys are
 * dropped by the parser.
 *
 * @param kind {@code audio}, {@code video}, {@code application} or anything else
 * @param port 0 to 65535; 0 means rejected unless {@code a=bundle-only} stands beside it
 * @param protocol for instance {@code UDP/TLS/RTP/SAVPF}
 * @param formats payload types as text, at least one
 * @param connection value of {@code c=}, or null
 */
public record MediaSection(
    String kind,
    int port,
    String protocol,
    List<String> formats,
    @Nullable String connection,
    List<Attribute> attributes) {
  /** Copies the lists. */
  public MediaSection {
    formats = List.copyOf(formats);
    attributes = List.copyOf(attributes);
  }

  /** Value of the first attribute of this name; the empty string for a property. */
  public Optional<String> attribute(String name) {
    return Attributes.first(attributes, name);
  }

  /** Values of all attributes of this name, in order. */
  public List<String> all(String name) {
    return Attributes.all(attributes, name);
  }

  /** Whether an attribute of this name is there. */
  public boolean has(String name) {
    return attribute(name).isPresent();
  }
}
