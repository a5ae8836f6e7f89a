package live.banyan.signaling.auth;

import java.util.Locale;

/** What a token allows on its stream. */
public enum Grant {
  PUBLISH,
  WATCH;

  /** The word in a token's {@code scope}, and the name of its boolean claim. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
