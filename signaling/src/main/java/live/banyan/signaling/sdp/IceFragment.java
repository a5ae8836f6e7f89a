package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A body of type {@code application/trickle-ice-sdpfrag} (RFC 8840 §9).
 *
 * @param ufrag of the first place that has one
 * @param candidates those that could be read; others are passed over as RFC 9725 §4.3.2 asks
 */
public record IceFragment(
    Optional<String> ufrag,
    Optional<String> password,
    List<IceCandidate> candidates,
    boolean endOfCandidates) {
  /** Most candidates of one fragment; further ones are passed over. */
  public static final int CANDIDATES_MAX = 64;

  /** What reading gave. */
  public sealed interface Result permits Read, Malformed {}

  /** The fragment. */
  public record Read(IceFragment fragment) implements Result {}

  /** Not a fragment; the sentence says why. */
  public record Malformed(String sentence) implements Result {}

  /** Reads a fragment. Any text gives a result; nothing is thrown. */
  public static Result parse(String text) {
    if (text.length() > SdpParser.LENGTH_MAX) {
      return new Malformed("The fragment is longer than " + SdpParser.LENGTH_MAX + " characters.");
    }
    String ufrag = null;
    String password = null;
    boolean end = false;
    List<IceCandidate> candidates = new ArrayList<>();
    for (String line : (Iterable<String>) text.lines()::iterator) {
      if (line.isEmpty()) {
        continue;
      }
      if (line.length() < 2 || line.charAt(1) != '=' || line.length() > SdpParser.LINE_MAX) {
        return new Malformed("Every line of the fragment is a letter, an equals sign and text.");
      }
      if (line.startsWith("a=ice-ufrag:")) {
        ufrag = ufrag == null ? after(line) : ufrag;
      } else if (line.startsWith("a=ice-pwd:")) {
        password = password == null ? after(line) : password;
      } else if (line.startsWith("a=candidate:") && candidates.size() < CANDIDATES_MAX) {
        IceCandidate.parse(after(line)).ifPresent(candidates::add);
      } else if (line.equals("a=end-of-candidates")) {
        end = true;
      }
    }
    return checked(ufrag, password, candidates, end);
  }

  private static Result checked(
      @Nullable String ufrag,
      @Nullable String password,
      List<IceCandidate> candidates,
      boolean end) {
    if (ufrag != null && !RemoteTransport.UFRAG.matcher(ufrag).matches()
        || password != null && !RemoteTransport.PASSWORD.matcher(password).matches()) {
      return new Malformed(
          "a=ice-ufrag has 4 to 256 and a=ice-pwd 22 to 256 letters, digits, + or /.");
    }
    return new Read(
        new IceFragment(
            Optional.ofNullable(ufrag),
            Optional.ofNullable(password),
            List.copyOf(candidates),
            end));
  }

  private static String after(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }
}
