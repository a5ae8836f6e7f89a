package live.banyan.sfu.ice;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** User fragment and password of one end (RFC 8839 §5.4). The password is never logged. */
public record IceCredentials(String ufrag, String password) {
  /** Length of generated fragments: exactly what {@link IceUfrag} packs into one long. */
  public static final int UFRAG_CHARS = 8;

  /** Length of generated passwords: 144 random bits, where RFC 8445 §5.3 asks for 128. */
  public static final int PASSWORD_CHARS = 24;

  private static final String ICE_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  /** RFC 8839 §5.4. */
  private static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");

  private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9+/]{22,256}");

  /** Fresh credentials. {@code random} must be cryptographically strong outside tests. */
  public static IceCredentials generate(RandomGenerator random) {
    return new IceCredentials(iceChars(random, UFRAG_CHARS), iceChars(random, PASSWORD_CHARS));
  }

  /** Whether a far end may have these: ice-chars, 4 to 256 and 22 to 256 of them. */
  public static boolean areValid(String ufrag, String password) {
    return UFRAG.matcher(ufrag).matches() && PASSWORD.matcher(password).matches();
  }

  private static String iceChars(RandomGenerator random, int length) {
    StringBuilder chars = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      chars.append(ICE_CHARS.charAt(random.nextInt(ICE_CHARS.length())));
    }
    return chars.toString();
  }

  @Override
  public String toString() {
    return "IceCredentials[" + ufrag + "]";
  }
}
