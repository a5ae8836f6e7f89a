package live.banyan.signaling.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a request may do what it asks; every node has one. Safe from any thread. */
public final class Access {
  private static final String SCHEME = "bearer ";

  private final @Nullable Tokens tokens;

  private Access(@Nullable Tokens tokens) {
    this.tokens = tokens;
  }

  /** Everybody may do everything: for demonstrations and private networks. */
  public static Access open() {
    return new Access(null);
  }

  /** A token is needed to publish and to watch. */
  public static Access tokens(Tokens tokens) {
    return new Access(tokens);
  }

  /** Whether this node asks for no tokens. */
  public boolean isOpen() {
    return tokens == null;
  }

  /** Outcome for one request. */
  public sealed interface Decision permits Admitted, Unauthorized, Forbidden {}

  /**
   * Allowed.
   *
   * @param receipt stands for the token that was shown, none on an open node
   */
  public record Admitted(Receipt receipt) implements Decision {}

  /**
   * No token, or one that is not to be trusted: status 401.
   *
   * @param reason short, for a metric
   * @param error RFC 6750 §3.1 error code, or null where no token was shown
   */
  public record Unauthorized(String reason, @Nullable String error, String sentence)
      implements Decision {}

  /** A sound token for something else: status 403. */
  public record Forbidden(String sentence) implements Decision {}

  /** Recognises a token without keeping it. */
  public static final class Receipt {
    /** Nothing was shown. */
    public static final Receipt NONE = new Receipt(new byte[0]);

    private final byte[] digest;

    private Receipt(byte[] digest) {
      this.digest = digest;
    }

    private static Receipt of(String token) {
      try {
        return new Receipt(
            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("every JDK has SHA-256", impossible);
      }
    }

    private boolean matches(Receipt other) {
      return MessageDigest.isEqual(digest, other.digest);
    }

    @Override
    public String toString() {
      return "Receipt";
    }
  }

  /**
   * Decides about one stream.
   *
   * @param authorization the header, or null
   * @param anyOf the token has to have one of these
   */
  public Decision decide(@Nullable String authorization, Set<Grant> anyOf, String stream) {
    if (tokens == null) {
      return new Admitted(Receipt.NONE);
    }
    String token = bearer(authorization);
    if (token == null) {
      return new Unauthorized(
          "missing", null, "Send a token for this stream as Authorization: Bearer TOKEN.");
    }
    return switch (tokens.verify(token)) {
      case Tokens.Invalid invalid ->
          new Unauthorized(
              invalid.fault().name().toLowerCase(java.util.Locale.ROOT),
              "invalid_token",
              invalid.sentence());
      case Tokens.Valid valid -> {
        Tokens.Claims claims = valid.claims();
        if (!claims.covers(stream)) {
          yield new Forbidden("This token is for another stream: get one for " + stream + ".");
        }
        boolean allowed = anyOf.stream().anyMatch(claims.grants()::contains);
        yield allowed
            ? new Admitted(Receipt.of(token))
            : new Forbidden("This token does not allow to " + word(anyOf) + ": get one that does.");
      }
    };
  }

  /**
   * Decides about a session that was opened with {@code opening}: the same token is enough even
   * when it has expired since, so that its owner can end what it began; so is any other sound one
   * for the stream.
   */
  public Decision decideOwner(
      @Nullable String authorization, Receipt opening, Grant grant, String stream) {
    String token = bearer(authorization);
    if (tokens != null && token != null && Receipt.of(token).matches(opening)) {
      return new Admitted(opening);
    }
    return decide(authorization, Set.of(grant), stream);
  }

  private static String word(Set<Grant> anyOf) {
    return anyOf.contains(Grant.WATCH) ? Grant.WATCH.word() : Grant.PUBLISH.word();
  }

  private static @Nullable String bearer(@Nullable String authorization) {
    if (authorization == null
        || authorization.length() <= SCHEME.length()
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String token = authorization.substring(SCHEME.length()).strip();
    return token.isEmpty() ? null : token;
  }
}
