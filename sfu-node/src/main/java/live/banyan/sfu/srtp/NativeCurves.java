package live.banyan.sfu.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The curves of a DTLS handshake on libcrypto, where that loads and gives known answers: ECDSA over
 * P-256 and X25519, at a third of the CPU that they take in Java. Safe from any thread; a call
 * takes some ten microseconds and does not block.
 */
public final class NativeCurves {
  /** Bytes of an X25519 key, private or public, and of the secret. */
  public static final int X25519_BYTES = 32;

  private static final Logger log = LoggerFactory.getLogger(NativeCurves.class);

  /** DER of two integers of up to 33 bytes. */
  private static final int SIGNATURE_BYTES_MAX = 72;

  /** RFC 6979 §A.2.5, SHA-256 of "sample": the key (RFC 5480), the digest, the signature in DER. */
  private static final String SIGNER =
      "3059301306072a8648ce3d020106082a8648ce3d030107034200"
          + "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

  private static final String DIGEST =
      "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf";
  private static final String SIGNATURE =
      "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          + "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

  /** RFC 7748 §6.1. */
  private static final String ALICE =
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";

  private static final String ALICE_PUBLIC =
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  private static final String BOB_PUBLIC =
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
  private static final String SECRET =
      "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

  private static final HexFormat HEX = HexFormat.of();

  private static final Optional<NativeCurves> AVAILABLE = choose();

  private NativeCurves() {}

  /** Empty where libcrypto is missing, or too old for one of the curves. */
  public static Optional<NativeCurves> available() {
    return AVAILABLE;
  }

  private static Optional<NativeCurves> choose() {
    try {
      NativeCurves curves = new NativeCurves();
      curves.selfTest();
      return Optional.of(curves);
    } catch (LinkageError | IllegalStateException e) {
      log.info("handshakes compute in Java, since libcrypto fails: {}", e.toString());
      return Optional.empty();
    }
  }

  private void selfTest() {
    byte[] digest = HEX.parseHex(DIGEST);
    byte[] signature = HEX.parseHex(SIGNATURE);
    byte[] key = HEX.parseHex(SIGNER);
    if (!verify(key, digest, signature)) {
      throw new IllegalStateException("ECDSA self test: a signature is refused");
    }
    digest[0] ^= 1;
    if (verify(key, digest, signature)) {
      throw new IllegalStateException("ECDSA self test: a forged signature is taken");
    }
    Agreement alice = new Agreement(HEX.parseHex(ALICE));
    if (!Arrays.equals(alice.publicKey(), HEX.parseHex(ALICE_PUBLIC))
        || !Arrays.equals(alice.secret(HEX.parseHex(BOB_PUBLIC)), HEX.parseHex(SECRET))) {
      throw new IllegalStateException("X25519 self test: another secret");
    }
  }

  /** A key in libcrypto, freed when nobody refers to it any more. */
  private record Key(MemorySegment pointer) {
    static Key of(long pointer) {
      return new Key(
          MemorySegment.ofAddress(pointer)
              .reinterpret(Arena.ofAuto(), freed -> LibCryptoKeys.free(freed.address())));
    }

    <T> T use(LongFunction<T> call) {
      try {
        return call.apply(pointer.address());
      } finally {
        Reference.reachabilityFence(pointer);
      }
    }
  }

  /** A P-256 key that signs. */
  public static final class SigningKey {
    private final Key key;

    private SigningKey(Key key) {
      this.key = key;
    }

    /** An ECDSA signature of a digest, in DER (RFC 3279 §2.2.3). */
    public byte[] sign(byte[] digest) {
      return key.use(pointer -> LibCryptoKeys.sign(pointer, digest, SIGNATURE_BYTES_MAX));
    }
  }

  /** Takes a P-256 key. @throws IllegalArgumentException when that is no key in PKCS #8 */
  public SigningKey signingKey(byte[] pkcs8) {
    long key = LibCryptoKeys.privateKey(pkcs8);
    if (key == 0) {
      throw new IllegalArgumentException("no private key in PKCS #8");
    }
    return new SigningKey(Key.of(key));
  }

  /**
   * Whether an ECDSA signature, in DER, is right; false also for a key that is none.
   *
   * @param subjectPublicKeyInfo the signer's key in DER (RFC 5480)
   */
  public boolean verify(byte[] subjectPublicKeyInfo, byte[] digest, byte[] signature) {
    long key = LibCryptoKeys.publicKey(subjectPublicKeyInfo);
    if (key == 0) {
      return false;
    }
    try {
      return LibCryptoKeys.verify(key, digest, signature);
    } finally {
      LibCryptoKeys.free(key);
    }
  }

  /** Begins an X25519 agreement with a new key. */
  public Agreement agree(SecureRandom random) {
    byte[] bytes = new byte[X25519_BYTES];
    random.nextBytes(bytes);
    return new Agreement(bytes);
  }

  /** One end of an X25519 agreement (RFC 7748 §6.1). */
  public static final class Agreement {
    private final Key key;

    private Agreement(byte[] bytes) {
      long pointer = LibCryptoKeys.x25519(bytes, true);
      Arrays.fill(bytes, (byte) 0);
      if (pointer == 0) {
        throw new IllegalStateException("libcrypto has no X25519");
      }
      this.key = Key.of(pointer);
    }

    /** What the other end needs. */
    public byte[] publicKey() {
      return key.use(pointer -> LibCryptoKeys.x25519Public(pointer, X25519_BYTES));
    }

    /**
     * The secret.
     *
     * @return null when the peer's key gives none: a wrong length, or all zeros (RFC 7748 §6.1)
     */
    public byte @Nullable [] secret(byte[] peerPublicKey) {
      if (peerPublicKey.length != X25519_BYTES) {
        return null;
      }
      long peer = LibCryptoKeys.x25519(peerPublicKey, false);
      if (peer == 0) {
        return null;
      }
      try {
        return LibCryptoKeys.derive(key.pointer.address(), peer, X25519_BYTES);
      } finally {
        Reference.reachabilityFence(key);
        LibCryptoKeys.free(peer);
      }
    }
  }
}
