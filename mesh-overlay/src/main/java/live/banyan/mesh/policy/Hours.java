package live.banyan.mesh.policy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of each day in which a node carries streams, in minutes since midnight where it stands.
 *
 * @param from first minute, 0 to 1439
 * @param until the minute in which it ends, 0 to 1440; not after {@code from}: past midnight
 */
public record Hours(int from, int until) {
  /** The whole day. */
  public static final Hours ALWAYS = new Hours(0, 24 * 60);

  private static final Pattern FORM =
      Pattern.compile(
          "([01]?[0-9]|2[0-4])(?::([0-5][0-9]))?-([01]?[0-9]|2[0-4])(?::([0-5][0-9]))?");

  public Hours {
    if (from < 0 || from >= 1440 || until < 0 || until > 1440) {
      throw new IllegalArgumentException("a day has 1440 minutes");
    }
  }

  /** Reads {@code 18-23}, {@code 18:30-23:00} or {@code 22-6}; empty for anything else. */
  public static Optional<Hours> parse(String text) {
    Matcher m = FORM.matcher(text.strip());
    if (!m.matches()) {
      return Optional.empty();
    }
    int from = minutes(m.group(1), m.group(2));
    int until = minutes(m.group(3), m.group(4));
    return from >= 1440 || until > 1440 || from == until
        ? Optional.empty()
        : Optional.of(new Hours(from, until));
  }

  private static int minutes(String hours, @Nullable String minutes) {
    return 60 * Integer.parseInt(hours) + (minutes == null ? 0 : Integer.parseInt(minutes));
  }

  /** Whether a minute of the day lies inside. */
  public boolean include(int minute) {
    return from < until ? minute >= from && minute < until : minute >= from || minute < until;
  }

  @Override
  public String toString() {
    return "%02d:%02d-%02d:%02d".formatted(from / 60, from % 60, until / 60, until % 60);
  }
}
