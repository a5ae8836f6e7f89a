package live.banyan.signaling.session;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A STUN or TURN server that clients are told of in {@code Link} headers (RFC 9725 §4.6).
 *
 * @param url for instance {@code stun:stun.example.net} or {@code
 *     turn:turn.example.net?transport=udp}
 */
public record IceServer(String url, Credential credential) {
  /** What the server asks its clients for. */
  public sealed interface Credential {}

  /** Nothing, as STUN servers do. */
  public record Nothing() implements Credential {}

  /** The same name and password for everybody, for as long as the operator leaves them. */
  public record Password(String username, String password) implements Credential {
    /** Refuses what could not stand in a header with IllegalArgumentException. */
    public Password {
      quotable("username", username);
      quotable("credential", password);
    }

    @Override
    public String toString() {
      return "Password";
    }
  }

  /**
   * A name that ends after {@code valid}, and the password that the secret gives it: HMAC-SHA1 of
   * the name in base64 (draft-uberti-behave-turn-rest-00; {@code use-auth-secret} of coturn).
   *
   * @param secret the server has the same one
   */
  public record SharedSecret(String secret, Duration valid) implements Credential {
    /** Refuses an empty secret, or less than a minute, with IllegalArgumentException. */
    public SharedSecret {
      if (secret.isEmpty() || valid.compareTo(Duration.ofMinutes(1)) < 0) {
        throw new IllegalArgumentException(
            "a TURN secret is not empty, and what it makes is valid for a minute at least");
      }
    }

    Password at(Instant now) {
      String username = now.plus(valid).getEpochSecond() + ":banyan";
      try {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        byte[] code = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
        return new Password(username, Base64.getEncoder().encodeToString(code));
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException("every JDK has HmacSHA1", impossible);
      }
    }

    @Override
    public String toString() {
      return "SharedSecret";
    }
  }

  /** Refuses what could not stand in a header with IllegalArgumentException. */
  public IceServer {
    if (!url.matches("(stun|stuns|turn|turns):[^\\s<>\"]+")) {
      throw new IllegalArgumentException(
          "an ICE server is stun:, stuns:, turn: or turns: and a host, not " + url);
    }
    if (url.startsWith("turn") == credential instanceof Nothing) {
      throw new IllegalArgumentException(
          url + ": TURN servers need a credential, and STUN servers none");
    }
  }

  /** A server that asks its clients for nothing. */
  public static IceServer stun(String url) {
    return new IceServer(url, new Nothing());
  }

  /** Whether anybody may be told of it. */
  boolean isOpen() {
    return credential instanceof Nothing;
  }

  String link(Instant now) {
    String link = "<" + url + ">; rel=\"ice-server\"";
    return switch (credential) {
      case Nothing nothing -> link;
      case Password password -> link + attributes(password);
      case SharedSecret secret -> link + attributes(secret.at(now));
    };
  }

  private static String attributes(Password password) {
    return "; username=\""
        + password.username()
        + "\"; credential=\""
        + password.password()
        + "\"; credential-type=\"password\"";
  }

  private static void quotable(String name, String text) {
    if (!text.matches("[ !#-\\[\\]-~]+")) {
      throw new IllegalArgumentException(
          "the " + name + " of a TURN server is printable ASCII without quotes and backslashes");
    }
  }
}
