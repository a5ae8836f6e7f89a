package live.banyan.signaling.sdp;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * ICE and DTLS parameters of the offer's transport (RFC 8839, RFC 8842, RFC 8122).
 *
 * @param dtlsClient whether the far end sends the ClientHello
 */
record RemoteTransport(
    String ufrag,
    String password,
    String fingerprintAlgorithm,
    String fingerprint,
    boolean dtlsClient) {
  /** RFC 8839 §5.4. */
  static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");

  static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9+/]{22,256}");

  /** Digest lengths in bytes of the accepted hashes, preferred first; SHA-1 and MD5 are broken. */
  private static final List<Map.Entry<String, Integer>> HASHES =
      List.of(Map.entry("sha-256", 32), Map.entry("sha-384", 48), Map.entry("sha-512", 64));

  /** Good parameters, or the sentence that says what is wrong with them. */
  sealed interface Reading permits Sound, Unsound {}

  record Sound(RemoteTransport transport) implements Reading {}

  record Unsound(String sentence) implements Reading {}

  static Reading read(SessionDescription offer, MediaSection section) {
    String ufrag = offer.attribute(section, "ice-ufrag").orElse("");
    String password = offer.attribute(section, "ice-pwd").orElse("");
    if (!UFRAG.matcher(ufrag).matches() || !PASSWORD.matcher(password).matches()) {
      return new Unsound(
          "The offer needs a=ice-ufrag (4 to 256 letters, digits, + or /) and a=ice-pwd (22 to"
              + " 256).");
    }
    List<String> fingerprints =
        section.has("fingerprint") ? section.all("fingerprint") : offer.all("fingerprint");
    String setup = offer.attribute(section, "setup").orElse("active");
    if (!List.of("actpass", "active", "passive").contains(setup)) {
      return new Unsound("The offer's a=setup has to be actpass, active or passive.");
    }
    for (Map.Entry<String, Integer> hash : HASHES) {
      for (String value : fingerprints) {
        String[] words = value.strip().split(" +");
        if (words.length == 2
            && words[0].equalsIgnoreCase(hash.getKey())
            && digest(words[1], hash.getValue())) {
          return new Sound(
              new RemoteTransport(
                  ufrag,
                  password,
                  hash.getKey(),
                  words[1].toUpperCase(Locale.ROOT),
                  !setup.equals("passive")));
        }
      }
    }
    return new Unsound(
        "The offer needs an a=fingerprint of its DTLS certificate with sha-256, sha-384 or"
            + " sha-512.");
  }

  private static boolean digest(String text, int bytes) {
    if (text.length() != bytes * 3 - 1) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean right = i % 3 == 2 ? c == ':' : HexFormat.isHexDigit(c);
      if (!right) {
        return false;
      }
    }
    return true;
  }
}
