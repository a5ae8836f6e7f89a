package live.banyan.signaling.port;

import java.util.regex.Pattern;

/** Rule for stream names: {@code name} or {@code channel/name}. */
public final class StreamName {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64})?");

  /** Says the rule to whoever broke it. */
  public static final String RULE =
      "A stream is called name or channel/name, each of 1 to 64 letters, digits, - or _.";

  private StreamName() {}

  /** Whether this names a stream. */
  public static boolean isValid(String name) {
    return NAME.matcher(name).matches();
  }
}
