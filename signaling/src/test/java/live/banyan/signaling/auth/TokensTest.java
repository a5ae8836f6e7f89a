package live.banyan.signaling.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import live.banyan.signaling.auth.Tokens.Fault;
import live.banyan.signaling.auth.Tokens.Invalid;
import live.banyan.signaling.auth.Tokens.Valid;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
  private static final Date LATER = Date.from(NOW.plusSeconds(60));

  private final AuthKey key = AuthKey.generate();
  private final Tokens tokens = new Tokens(key, List.of(), () -> NOW);

  private Fault fault(String token) {
    return assertInstanceOf(Invalid.class, tokens.verify(token)).fault();
  }

  private String signed(JWTClaimsSet claims) throws Exception {
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    token.sign(new MACSigner(key.bytes()));
    return token.serialize();
  }

  @Test
  void issuedTokensAreValidUntilTheyExpire() {
    String token = tokens.issue(Grant.WATCH, "c/n", Duration.ofHours(1));
    Valid valid = assertInstanceOf(Valid.class, tokens.verify(token));
    assertTrue(valid.claims().allows(Grant.WATCH, "c/n"));
    assertFalse(valid.claims().allows(Grant.PUBLISH, "c/n"));
    assertFalse(valid.claims().allows(Grant.WATCH, "c/other"));
    assertEquals(NOW.plusSeconds(3600), valid.claims().expires());
    Tokens later = new Tokens(key, List.of(), () -> NOW.plusSeconds(3600));
    assertEquals(Fault.EXPIRED, assertInstanceOf(Invalid.class, later.verify(token)).fault());
  }

  @Test
  void operatorsTokenCoversAll() {
    String token = tokens.issue(Set.of(Grant.WATCH, Grant.PUBLISH), "*", Duration.ofDays(1));
    Valid valid = assertInstanceOf(Valid.class, tokens.verify(token));
    assertTrue(valid.claims().allows(Grant.PUBLISH, "x"));
    assertTrue(valid.claims().allows(Grant.WATCH, "y/z"));
  }

  @Test
  void booleansAndStreamClaimAreUnderstood() throws Exception {
    String token =
        signed(
            new JWTClaimsSet.Builder()
                .claim("stream", "a")
                .claim("publish", true)
                .claim("watch", false)
                .expirationTime(LATER)
                .build());
    Valid valid = assertInstanceOf(Valid.class, tokens.verify(token));
    assertEquals(Set.of(Grant.PUBLISH), valid.claims().grants());
  }

  @Test
  void claimsThatLackOrBreakARuleAreRefused() throws Exception {
    JWTClaimsSet.Builder sound =
        new JWTClaimsSet.Builder().subject("a").claim("scope", "watch").expirationTime(LATER);
    assertInstanceOf(Valid.class, tokens.verify(signed(sound.build())));
    assertEquals(
        Fault.MALFORMED,
        fault(signed(new JWTClaimsSet.Builder(sound.build()).expirationTime(null).build())));
    assertEquals(
        Fault.MALFORMED,
        fault(signed(new JWTClaimsSet.Builder(sound.build()).subject(null).build())));
    assertEquals(
        Fault.MALFORMED,
        fault(signed(new JWTClaimsSet.Builder(sound.build()).claim("scope", 7).build())));
    assertEquals(
        Fault.NOT_YET,
        fault(
            signed(
                new JWTClaimsSet.Builder(sound.build())
                    .notBeforeTime(Date.from(NOW.plusSeconds(61)))
                    .build())));
  }

  @Test
  void otherKeysAndNoSignatureAreRefused() {
    Tokens stranger = new Tokens(AuthKey.generate(), List.of(), () -> NOW);
    assertEquals(Fault.SIGNATURE, fault(stranger.issue(Grant.WATCH, "a", Duration.ofHours(1))));
    String token = tokens.issue(Grant.WATCH, "a", Duration.ofHours(1));
    String none = Base64URL.encode("{\"alg\":\"none\"}") + token.substring(token.indexOf('.'));
    assertEquals(Fault.MALFORMED, fault(none));
    assertEquals(Fault.MALFORMED, fault(token + "x".repeat(5000)));
  }

  @Test
  void edDsaTokensOfTrustedKeysAreValid() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] publicKey = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .subject("a")
            .claim("scope", "publish")
            .expirationTime(LATER)
            .build();
    SignedJWT unsigned = new SignedJWT(new JWSHeader(JWSAlgorithm.EdDSA), claims);
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(unsigned.getSigningInput());
    String token =
        new String(unsigned.getSigningInput(), StandardCharsets.US_ASCII)
            + "."
            + Base64URL.encode(signature.sign());
    assertEquals(Fault.SIGNATURE, fault(token));
    Tokens trusting =
        new Tokens(key, List.of(Ed25519Key.of(Base64URL.encode(publicKey).toString())), () -> NOW);
    assertInstanceOf(Valid.class, trusting.verify(token));
    assertInstanceOf(
        Valid.class, trusting.verify(tokens.issue(Grant.WATCH, "a", Duration.ofHours(1))));
    int last = token.length() - 3;
    String broken =
        token.substring(0, last)
            + (token.charAt(last) == 'A' ? 'B' : 'A')
            + token.substring(last + 1);
    assertInstanceOf(Invalid.class, trusting.verify(broken));
    // The public key as an HMAC secret: the classic confusion of algorithms.
    SignedJWT confused = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    confused.sign(new MACSigner(publicKey));
    assertEquals(
        Fault.SIGNATURE,
        assertInstanceOf(Invalid.class, trusting.verify(confused.serialize())).fault());
  }

  @Test
  void onlySensibleTokensAreIssued() {
    Duration hour = Duration.ofHours(1);
    assertThrows(IllegalArgumentException.class, () -> tokens.issue(Grant.WATCH, "a b", hour));
    assertThrows(IllegalArgumentException.class, () -> tokens.issue(Set.of(), "a", hour));
    assertThrows(
        IllegalArgumentException.class, () -> tokens.issue(Grant.WATCH, "a", Duration.ZERO));
  }

  @Property(tries = 300)
  void anyTextGetsAVerdict(@ForAll String header, @ForAll String claims, @ForAll String rest) {
    assertInstanceOf(Invalid.class, tokens.verify(header + "." + claims + "." + rest));
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String alg = encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8));
    String body = encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    assertInstanceOf(Invalid.class, tokens.verify(alg + "." + body + "." + rest));
    assertNotNull(tokens.verify(rest));
  }

  @Property(tries = 200)
  void signedNonsenseGetsAVerdict(@ForAll String payload) throws Exception {
    com.nimbusds.jose.JWSObject object =
        new com.nimbusds.jose.JWSObject(
            new JWSHeader(JWSAlgorithm.HS256), new com.nimbusds.jose.Payload(payload));
    object.sign(new MACSigner(key.bytes()));
    assertInstanceOf(Invalid.class, tokens.verify(object.serialize()));
  }
}
