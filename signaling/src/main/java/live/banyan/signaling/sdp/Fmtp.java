package live.banyan.signaling.sdp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Format parameters {@code key=value;key=value} (RFC 8866 §6.15); keys in lower case. */
final class Fmtp {
  private Fmtp() {}

  static Map<String, String> parse(String text) {
    Map<String, String> parameters = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(';', at);
      String part = text.substring(at, end < 0 ? text.length() : end).strip();
      at = end < 0 ? text.length() : end + 1;
      int equals = part.indexOf('=');
      if (equals > 0) {
        String key = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        parameters.putIfAbsent(key, part.substring(equals + 1).strip());
      }
    }
    return parameters;
  }

  static String write(Map<String, String> parameters) {
    StringBuilder out = new StringBuilder();
    parameters.forEach(
        (key, value) -> out.append(out.isEmpty() ? "" : ";").append(key).append('=').append(value));
    return out.toString();
  }
}
