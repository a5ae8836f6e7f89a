package live.banyan.signaling.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import live.banyan.signaling.port.StreamName;
import org.jspecify.annotations.Nullable;

/**
 * Issues and checks tokens. A token names its stream ({@code sub}, or {@code stream}) or {@code *}
 * for all, says what it allows ({@code scope} of the words publish and watch, or booleans of those
 * names), and ends ({@code exp}, required). Safe from any thread.
 */
public final class Tokens {
  /** The stream of an operator's token: all of them. */
  public static final String EVERY_STREAM = "*";

  /** Longest token, in characters. */
  private static final int LENGTH_MAX = 4096;

  /** How far the issuer's clock may be ahead of ours in {@code nbf}. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  private final MACSigner signer;
  private final JWSVerifier shared;
  private final List<JWSVerifier> trusted;
  private final InstantSource clock;

  /**
   * Tokens of a site.
   *
   * @param ed25519Keys of those whose EdDSA tokens are accepted too
   */
  public Tokens(AuthKey key, List<Ed25519Key> ed25519Keys, InstantSource clock) {
    try {
      signer = new MACSigner(key.bytes());
      shared = new MACVerifier(key.bytes());
    } catch (JOSEException impossible) {
      throw new IllegalStateException("32 bytes are enough for HS256", impossible);
    }
    List<JWSVerifier> verifiers = new ArrayList<>();
    for (Ed25519Key publicKey : ed25519Keys) {
      verifiers.add(new Ed25519JwsVerifier(publicKey));
    }
    trusted = List.copyOf(verifiers);
    this.clock = clock;
  }

  /** What a sound token says. */
  public record Claims(String stream, Set<Grant> grants, Instant expires) {
    /** Whether it allows this on that stream. */
    public boolean allows(Grant grant, String name) {
      return grants.contains(grant) && covers(name);
    }

    /** Whether it speaks of that stream. */
    public boolean covers(String name) {
      return stream.equals(EVERY_STREAM) || stream.equals(name);
    }
  }

  /** Outcome of checking a token. */
  public sealed interface Verdict permits Valid, Invalid {}

  /** Signed by somebody we trust, and not over. */
  public record Valid(Claims claims) implements Verdict {}

  /** Not to be trusted; the sentence says what to do. */
  public record Invalid(Fault fault, String sentence) implements Verdict {}

  /** What is wrong with a token. */
  public enum Fault {
    MALFORMED,
    SIGNATURE,
    EXPIRED,
    NOT_YET
  }

  /**
   * A signed token.
   *
   * @param stream a stream's name or {@link #EVERY_STREAM}; else IllegalArgumentException
   * @param ttl positive
   */
  public String issue(Set<Grant> grants, String stream, Duration ttl) {
    if (!stream.equals(EVERY_STREAM) && !StreamName.isValid(stream)) {
      throw new IllegalArgumentException(StreamName.RULE);
    }
    if (grants.isEmpty() || ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("a token allows something for some time");
    }
    Instant now = clock.instant();
    List<String> words = EnumSet.copyOf(grants).stream().map(Grant::word).toList();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .subject(stream)
            .claim("scope", String.join(" ", words))
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(ttl)))
            .build();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    try {
      token.sign(signer);
    } catch (JOSEException impossible) {
      throw new IllegalStateException("HS256 is always there", impossible);
    }
    return token.serialize();
  }

  /** {@link #issue(Set, String, Duration)} for one grant. */
  public String issue(Grant grant, String stream, Duration ttl) {
    return issue(EnumSet.of(grant), stream, ttl);
  }

  /** Checks a token; any text gives a verdict. */
  public Verdict verify(String text) {
    if (text.length() > LENGTH_MAX) {
      return new Invalid(Fault.MALFORMED, "The token is longer than any that we issue.");
    }
    try {
      SignedJWT token = SignedJWT.parse(text);
      if (!signedByUs(token)) {
        return new Invalid(
            Fault.SIGNATURE,
            "The token is not signed by this site: get one from its operator (banyan token).");
      }
      return claims(token.getJWTClaimsSet());
    } catch (ParseException | IllegalArgumentException | JOSEException broken) {
      return new Invalid(Fault.MALFORMED, "The token is not a JWT: copy it again, whole.");
    }
  }

  private boolean signedByUs(SignedJWT token) throws JOSEException {
    JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
    if (algorithm.equals(JWSAlgorithm.HS256)) {
      return token.verify(shared);
    }
    for (JWSVerifier verifier : trusted) {
      if (verifier.supportedJWSAlgorithms().contains(algorithm) && token.verify(verifier)) {
        return true;
      }
    }
    return false;
  }

  private Verdict claims(JWTClaimsSet claims) throws ParseException {
    Instant now = clock.instant();
    Date expires = claims.getExpirationTime();
    Date notBefore = claims.getNotBeforeTime();
    if (expires == null) {
      return new Invalid(Fault.MALFORMED, "The token never ends: issue one with exp.");
    }
    if (!expires.toInstant().isAfter(now)) {
      return new Invalid(Fault.EXPIRED, "The token has expired: get a new one.");
    }
    if (notBefore != null && notBefore.toInstant().isAfter(now.plus(SKEW))) {
      return new Invalid(Fault.NOT_YET, "The token is not valid yet: check both clocks.");
    }
    String stream = claims.getSubject();
    if (stream == null) {
      stream = claims.getStringClaim("stream");
    }
    if (stream == null) {
      return new Invalid(Fault.MALFORMED, "The token names no stream: set sub.");
    }
    return new Valid(new Claims(stream, grants(claims), expires.toInstant()));
  }

  private static Set<Grant> grants(JWTClaimsSet claims) throws ParseException {
    @Nullable String scope = claims.getStringClaim("scope");
    List<String> words = scope == null ? List.of() : List.of(scope.split(" "));
    EnumSet<Grant> grants = EnumSet.noneOf(Grant.class);
    for (Grant grant : Grant.values()) {
      if (words.contains(grant.word())
          || Boolean.TRUE.equals(claims.getBooleanClaim(grant.word()))) {
        grants.add(grant);
      }
    }
    return grants;
  }
}
