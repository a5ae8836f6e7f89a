package live.banyan.signaling.sdp;

import org.jspecify.annotations.Nullable;

/**
 * One {@code a=} line (RFC 8866 §5.13): a property ({@code value} null) or {@code name:value}.
 *
 * @param name without colon, space or control character
 */
public record Attribute(String name, @Nullable String value) {
  /** Refuses what could not be written as one line with IllegalArgumentException. */
  public Attribute {
    if (name.isEmpty() || name.indexOf(':') >= 0 || name.indexOf(' ') >= 0 || !oneLine(name)) {
      throw new IllegalArgumentException("not an attribute name: " + name);
    }
    if (value != null && !oneLine(value)) {
      throw new IllegalArgumentException("the value of a=" + name + " does not fit in one line");
    }
  }

  /** A property such as {@code a=rtcp-mux}. */
  public static Attribute flag(String name) {
    return new Attribute(name, null);
  }

  /** {@code a=name:value}. */
  public static Attribute of(String name, String value) {
    return new Attribute(name, value);
  }

  /** The value, empty for a property. */
  public String text() {
    return value == null ? "" : value;
  }

  static boolean oneLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 && c != '\t' || c == 0x7f) {
        return false;
      }
    }
    return true;
  }
}
