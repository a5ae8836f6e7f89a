package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.AuthKey;
import live.banyan.signaling.auth.Ed25519Key;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.auth.Tokens;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * A token: text of the fuzzer's; header and claims of the fuzzer's, signed by an application that
 * the operator trusts; and one of ours with some characters changed.
 */
public final class TokenFuzz {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
  private static final Ed25519PrivateKeyParameters APPLICATION =
      new Ed25519PrivateKeyParameters(new byte[32], 0);
  private static final Ed25519Key TRUSTED = trusted();
  private static final Set<Grant> WATCH = EnumSet.of(Grant.WATCH);

  // Of another key each time: a fuzzer that watches comparisons would learn a signature of one that
  // lasts.
  private final Tokens tokens =
      new Tokens(AuthKey.generate(), List.of(TRUSTED), InstantSource.fixed(NOW));
  private final Access access = Access.tokens(tokens);

  private TokenFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    TokenFuzz site = new TokenFuzz();
    switch (input.u8() % 3) {
      case 0 -> site.forged(new String(input.rest(), StandardCharsets.UTF_8));
      case 1 -> site.signed(input);
      default -> site.changed(input);
    }
  }

  private void forged(String text) {
    Tokens.Verdict verdict = tokens.verify(text);
    Tokens.Invalid invalid = assertInstanceOf(Tokens.Invalid.class, verdict, "nobody has a key");
    assertTrue(invalid.sentence().endsWith("."));
    Access.Decision decision = access.decide("Bearer " + text, WATCH, "live");
    assertInstanceOf(Access.Unauthorized.class, decision);
    assertInstanceOf(Access.Unauthorized.class, access.decide(text, WATCH, "live"));
  }

  private void signed(FuzzInput input) {
    byte[] header =
        input.flag()
            ? "{\"alg\":\"EdDSA\"}".getBytes(StandardCharsets.US_ASCII)
            : input.bytes(input.u8());
    String signing = base64(header) + "." + base64(input.rest());
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, APPLICATION);
    byte[] bytes = signing.getBytes(StandardCharsets.US_ASCII);
    signer.update(bytes, 0, bytes.length);
    String token = signing + "." + base64(signer.generateSignature());
    switch (tokens.verify(token)) {
      case Tokens.Invalid invalid -> assertTrue(invalid.sentence().endsWith("."));
      case Tokens.Valid valid -> {
        Tokens.Claims claims = valid.claims();
        assertTrue(claims.expires().isAfter(NOW), "it ends, and has not yet");
        boolean allows = claims.allows(Grant.WATCH, "live");
        assertEquals(
            allows, access.decide("Bearer " + token, WATCH, "live") instanceof Access.Admitted);
        assertTrue(!allows || claims.covers("live") && claims.grants().contains(Grant.WATCH));
      }
    }
  }

  /** Whatever is still taken says what it said before: base64 has more than one form. */
  private void changed(FuzzInput input) {
    StringBuilder text = new StringBuilder(tokens.issue(WATCH, "live", Duration.ofHours(1)));
    for (int changes = 0; changes < 4 && !input.isEmpty(); changes++) {
      text.setCharAt(input.u8() % text.length(), (char) input.u8());
    }
    if (tokens.verify(text.toString()) instanceof Tokens.Valid(Tokens.Claims claims)) {
      assertEquals("live", claims.stream());
      assertEquals(WATCH, claims.grants());
      assertEquals(NOW.plus(Duration.ofHours(1)), claims.expires());
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static Ed25519Key trusted() {
    try {
      return Ed25519Key.of(base64(APPLICATION.generatePublicKey().getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
