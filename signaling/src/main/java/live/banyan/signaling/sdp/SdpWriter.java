package live.banyan.signaling.sdp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes session descriptions with CRLF line ends (RFC 8866 §5). */
public final class SdpWriter {
  private SdpWriter() {}

  /** The text of a description. */
  public static String write(SessionDescription description) {
    StringBuilder out = new StringBuilder(2048);
    line(out, 'v', "0");
    line(out, 'o', description.origin());
    line(out, 's', description.name());
    connection(out, description.connection());
    line(out, 't', "0 0");
    attributes(out, description.attributes());
    for (MediaSection section : description.media()) {
      line(
          out,
          'm',
          section.kind()
              + ' '
              + section.port()
              + ' '
              + section.protocol()
              + ' '
              + String.join(" ", section.formats()));
      connection(out, section.connection());
      attributes(out, section.attributes());
    }
    return out.toString();
  }

  private static void connection(StringBuilder out, @Nullable String connection) {
    if (connection != null) {
      line(out, 'c', connection);
    }
  }

  static void attributes(StringBuilder out, List<Attribute> attributes) {
    for (Attribute attribute : attributes) {
      String value = attribute.value();
      line(out, 'a', value == null ? attribute.name() : attribute.name() + ':' + value);
    }
  }

  static void line(StringBuilder out, char type, String value) {
    out.append(type).append('=').append(value).append("\r\n");
  }
}
