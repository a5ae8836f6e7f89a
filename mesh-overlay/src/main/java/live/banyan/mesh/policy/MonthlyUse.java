package live.banyan.mesh.policy;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was sent in a calendar month.
 *
 * @param month years times 12 plus months, January 0
 * @param bytes sent in it
 */
public record MonthlyUse(int month, long bytes) {
  private static final Pattern FORM = Pattern.compile("([0-9]{4})-(0[1-9]|1[0-2]) ([0-9]{1,18})");

  /** The month of a moment. */
  public static int monthOf(long nowMs, ZoneId zone) {
    var date = Instant.ofEpochMilli(nowMs).atZone(zone);
    return 12 * date.getYear() + date.getMonthValue() - 1;
  }

  /** With more sent; another month begins at nothing. A clock set back takes nothing away. */
  public MonthlyUse plus(long more, int now) {
    return now <= month ? new MonthlyUse(month, bytes + more) : new MonthlyUse(now, more);
  }

  /** {@code 2026-11 123456}. */
  public String text() {
    return "%04d-%02d %d".formatted(month / 12, month % 12 + 1, bytes);
  }

  /** Reads {@link #text}; empty for anything else. */
  public static Optional<MonthlyUse> parse(String text) {
    Matcher m = FORM.matcher(text.strip());
    return m.matches()
        ? Optional.of(
            new MonthlyUse(
                12 * Integer.parseInt(m.group(1)) + Integer.parseInt(m.group(2)) - 1,
                Long.parseLong(m.group(3))))
        : Optional.empty();
  }
}
