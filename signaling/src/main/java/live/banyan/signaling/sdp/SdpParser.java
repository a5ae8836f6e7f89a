package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads session descriptions (RFC 8866). Any text gives {@link Parsed} or {@link Malformed};
 * nothing is thrown. Lines end with CRLF or LF. Lines of a type that WebRTC has no use for are
 * skipped.
 */
public final class SdpParser {
  /** Longest description, in characters. A browser's offer with 20 sections has about 60,000. */
  public static final int LENGTH_MAX = 64 * 1024;

  /** Most m-sections. */
  public static final int SECTIONS_MAX = 64;

  /** Longest line, in characters. */
  public static final int LINE_MAX = 4096;

  private static final Pattern SPACES = Pattern.compile(" +");
  private static final int ORIGIN_FIELDS = 6;

  private @Nullable String origin;
  private @Nullable String name;
  private @Nullable String connection;
  private final List<Attribute> attributes = new ArrayList<>();
  private final List<MediaSection> media = new ArrayList<>();
  private @Nullable OpenSection section;

  private SdpParser() {}

  /** What reading gave. */
  public sealed interface Result permits Parsed, Malformed {}

  /** The description. */
  public record Parsed(SessionDescription description) implements Result {}

  /**
   * Not a session description.
   *
   * @param line 1-based, 0 when the whole is wrong
   * @param sentence what is wrong, for whoever made the text
   */
  public record Malformed(int line, String sentence) implements Result {}

  /** Reads a whole description. */
  public static Result parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return new Malformed(0, "The SDP is longer than " + LENGTH_MAX + " characters.");
    }
    return new SdpParser().read(text);
  }

  private Result read(String text) {
    int number = 0;
    int at = 0;
    boolean versionSeen = false;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int next = end < 0 ? text.length() : end + 1;
      int stop = end < 0 ? text.length() : end;
      if (stop > at && text.charAt(stop - 1) == '\r') {
        stop--;
      }
      number++;
      String line = text.substring(at, stop);
      at = next;
      if (line.isEmpty()) {
        continue;
      }
      if (!versionSeen) {
        if (!line.equals("v=0")) {
          return new Malformed(number, "The first line of an SDP is v=0.");
        }
        versionSeen = true;
        continue;
      }
      String wrong = line(line);
      if (wrong != null) {
        return new Malformed(number, "Line " + number + ": " + wrong);
      }
    }
    if (origin == null) {
      return new Malformed(0, "The SDP has no o= line.");
    }
    closeSection();
    return new Parsed(
        new SessionDescription(origin, name == null ? "-" : name, connection, attributes, media));
  }

  /** Takes a line in; gives what is wrong with it, or null. */
  private @Nullable String line(String line) {
    if (line.length() > LINE_MAX) {
      return "longer than " + LINE_MAX + " characters.";
    }
    if (line.length() < 2 || line.charAt(1) != '=' || !Attribute.oneLine(line)) {
      return "every line is a letter, an equals sign and text.";
    }
    String value = line.substring(2);
    return switch (line.charAt(0)) {
      case 'o' -> origin(value);
      case 's' -> {
        name = value.isEmpty() ? "-" : value;
        yield null;
      }
      case 'c' -> connection(value);
      case 'a' -> attribute(value);
      case 'm' -> section(value);
      default -> null;
    };
  }

  private @Nullable String origin(String value) {
    if (value.split(" ", -1).length != ORIGIN_FIELDS) {
      return "o= has six fields.";
    }
    origin = value;
    return null;
  }

  private @Nullable String connection(String value) {
    if (value.isEmpty()) {
      return "c= is empty.";
    }
    if (section == null) {
      connection = value;
    } else {
      section.connection = value;
    }
    return null;
  }

  private @Nullable String attribute(String value) {
    int colon = value.indexOf(':');
    String key = colon < 0 ? value : value.substring(0, colon);
    if (key.isEmpty() || key.indexOf(' ') >= 0) {
      return "an attribute has a name without spaces.";
    }
    Attribute attribute = new Attribute(key, colon < 0 ? null : value.substring(colon + 1));
    (section == null ? attributes : section.attributes).add(attribute);
    return null;
  }

  private @Nullable String section(String value) {
    closeSection();
    if (media.size() == SECTIONS_MAX) {
      return "more than " + SECTIONS_MAX + " m-sections.";
    }
    String[] fields = SPACES.split(value.strip());
    if (fields.length < 4) {
      return "m= has a kind, a port, a protocol and at least one format.";
    }
    int slash = fields[1].indexOf('/');
    int port = number(slash < 0 ? fields[1] : fields[1].substring(0, slash), 65_535);
    if (port < 0) {
      return "the port of m= is a number from 0 to 65535.";
    }
    section =
        new OpenSection(fields[0], port, fields[2], List.of(fields).subList(3, fields.length));
    return null;
  }

  private void closeSection() {
    if (section != null) {
      media.add(
          new MediaSection(
              section.kind,
              section.port,
              section.protocol,
              section.formats,
              section.connection,
              section.attributes));
      section = null;
    }
  }

  /** A decimal number from 0 to {@code max}, or -1. */
  static int number(String text, int max) {
    if (text.isEmpty() || text.length() > 10) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value > max ? -1 : (int) value;
  }

  /** An m-section whose lines are still being read. */
  private static final class OpenSection {
    final String kind;
    final int port;
    final String protocol;
    final List<String> formats;
    final List<Attribute> attributes = new ArrayList<>();
    @Nullable String connection;

    OpenSection(String kind, int port, String protocol, List<String> formats) {
      this.kind = kind;
      this.port = port;
      this.protocol = protocol;
      this.formats = formats;
    }
  }
}
