package live.banyan.sfu.ice;

import java.util.random.RandomGenerator;

/** User fragment and password of one end (RFC 8839 §5.4). The password is never logged. */
public record IceCredentials(String ufrag, String password) {
  /** Length of generated fragments: exactly what {@link IceUfrag} packs into one long. */
  public static final int UFRAG_CHARS = 8;

  /** Length of generated passwords: 144 random bits, where RFC 8445 §5.3 asks for 128. */
  public static final int PASSWORD_CHARS = 24;

  private static final String ICE_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  /** Fresh credentials. {@code random} must be cryptographically strong outside tests. */
  public static IceCredentials generate(RandomGenerator random) {
    return new IceCredentials(iceChars(random, UFRAG_CHARS), iceChars(random, PASSWORD_CHARS));
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
