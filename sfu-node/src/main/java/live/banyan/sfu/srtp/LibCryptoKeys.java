package live.banyan.sfu.srtp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Public-key functions of libcrypto (EVP_PKEY, the same in 1.1 and 3). A key is a pointer that is
 * freed once; using one from several threads at a time is fine, freeing it meanwhile is not.
 */
final class LibCryptoKeys {
  /** NID_X25519 of OpenSSL's obj_mac.h. */
  private static final int X25519 = 1034;

  private static final FunctionDescriptor PARSE =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final FunctionDescriptor RAW =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final FunctionDescriptor ON_CONTEXT = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);

  private static final MethodHandle PRIVATE_KEY = LibCrypto.link("d2i_AutoPrivateKey", PARSE);
  private static final MethodHandle PUBLIC_KEY = LibCrypto.link("d2i_PUBKEY", PARSE);
  private static final MethodHandle RAW_PRIVATE_KEY =
      LibCrypto.link("EVP_PKEY_new_raw_private_key", RAW);
  private static final MethodHandle RAW_PUBLIC_KEY =
      LibCrypto.link("EVP_PKEY_new_raw_public_key", RAW);
  private static final MethodHandle GET_RAW_PUBLIC_KEY =
      LibCrypto.link(
          "EVP_PKEY_get_raw_public_key",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS));
  private static final MethodHandle KEY_FREE =
      LibCrypto.link("EVP_PKEY_free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MethodHandle CONTEXT_NEW =
      LibCrypto.link("EVP_PKEY_CTX_new", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CONTEXT_FREE =
      LibCrypto.link("EVP_PKEY_CTX_free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MethodHandle SIGN_INIT = LibCrypto.link("EVP_PKEY_sign_init", ON_CONTEXT);
  private static final MethodHandle SIGN =
      LibCrypto.link(
          "EVP_PKEY_sign",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle VERIFY_INIT =
      LibCrypto.link("EVP_PKEY_verify_init", ON_CONTEXT);
  private static final MethodHandle VERIFY =
      LibCrypto.link(
          "EVP_PKEY_verify",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));
  private static final MethodHandle DERIVE_INIT =
      LibCrypto.link("EVP_PKEY_derive_init", ON_CONTEXT);
  private static final MethodHandle DERIVE_SET_PEER =
      LibCrypto.link(
          "EVP_PKEY_derive_set_peer", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle DERIVE =
      LibCrypto.link(
          "EVP_PKEY_derive", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS));
  private static final MethodHandle CLEAR_ERRORS =
      LibCrypto.link("ERR_clear_error", FunctionDescriptor.ofVoid());

  private LibCryptoKeys() {}

  /** Parses a private key, PKCS #8 in DER. @return 0 when it is none */
  static long privateKey(byte[] pkcs8) {
    return parse(PRIVATE_KEY, pkcs8);
  }

  /** Parses a SubjectPublicKeyInfo in DER. @return 0 when it is none, or no point of its curve */
  static long publicKey(byte[] subjectPublicKeyInfo) {
    return parse(PUBLIC_KEY, subjectPublicKeyInfo);
  }

  private static long parse(MethodHandle parser, byte[] der) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, der);
      MemorySegment cursor = arena.allocateFrom(ADDRESS, bytes);
      long key = (long) parser.invokeExact(0L, cursor, (long) der.length);
      bytes.fill((byte) 0);
      return known(key);
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  /** An X25519 key from its 32 bytes. @return 0 when libcrypto has no such curve */
  static long x25519(byte[] bytes, boolean isPrivate) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = arena.allocateFrom(JAVA_BYTE, bytes);
      long length = bytes.length;
      long key =
          isPrivate
              ? (long) RAW_PRIVATE_KEY.invokeExact(X25519, 0L, raw, length)
              : (long) RAW_PUBLIC_KEY.invokeExact(X25519, 0L, raw, length);
      raw.fill((byte) 0);
      return known(key);
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  /** What failed is told by 0; the reasons that libcrypto keeps for a thread are not asked for. */
  private static long known(long key) throws Throwable {
    if (key == 0) {
      CLEAR_ERRORS.invokeExact();
    }
    return key;
  }

  static void free(long key) {
    try {
      KEY_FREE.invokeExact(key);
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  /** The public half of an X25519 key. */
  static byte[] x25519Public(long key, int bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = arena.allocate(bytes);
      MemorySegment length = arena.allocateFrom(JAVA_LONG, bytes);
      require((int) GET_RAW_PUBLIC_KEY.invokeExact(key, raw, length));
      return raw.toArray(JAVA_BYTE);
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  /** Signs a digest. @return the signature in DER, at most {@code bytesMax} long */
  static byte[] sign(long key, byte[] digest, int bytesMax) {
    long context = context(key);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment signature = arena.allocate(bytesMax);
      MemorySegment length = arena.allocateFrom(JAVA_LONG, bytesMax);
      MemorySegment signed = arena.allocateFrom(JAVA_BYTE, digest);
      require((int) SIGN_INIT.invokeExact(context));
      require((int) SIGN.invokeExact(context, signature, length, signed, (long) digest.length));
      return Arrays.copyOf(signature.toArray(JAVA_BYTE), (int) length.get(JAVA_LONG, 0));
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    } finally {
      freeContext(context);
    }
  }

  /** Whether the signature, in DER, is the key's for the digest. */
  static boolean verify(long key, byte[] digest, byte[] signature) {
    long context = context(key);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment signed = arena.allocateFrom(JAVA_BYTE, digest);
      MemorySegment claimed = arena.allocateFrom(JAVA_BYTE, signature);
      require((int) VERIFY_INIT.invokeExact(context));
      boolean right =
          (int)
                  VERIFY.invokeExact(
                      context, claimed, (long) signature.length, signed, (long) digest.length)
              == 1;
      if (!right) {
        CLEAR_ERRORS.invokeExact();
      }
      return right;
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    } finally {
      freeContext(context);
    }
  }

  /** Agrees on a secret. @return null when there is none, as with a peer's key of small order */
  static byte @Nullable [] derive(long key, long peer, int bytes) {
    long context = context(key);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secret = arena.allocate(bytes);
      MemorySegment length = arena.allocateFrom(JAVA_LONG, bytes);
      require((int) DERIVE_INIT.invokeExact(context));
      boolean agreed =
          (int) DERIVE_SET_PEER.invokeExact(context, peer) == 1
              && (int) DERIVE.invokeExact(context, secret, length) == 1;
      if (!agreed) {
        CLEAR_ERRORS.invokeExact();
        return null;
      }
      byte[] result = secret.toArray(JAVA_BYTE);
      secret.fill((byte) 0);
      return result;
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    } finally {
      freeContext(context);
    }
  }

  private static long context(long key) {
    try {
      long context = (long) CONTEXT_NEW.invokeExact(key, 0L);
      if (context == 0) {
        throw new IllegalStateException("libcrypto has no memory");
      }
      return context;
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  private static void freeContext(long context) {
    try {
      CONTEXT_FREE.invokeExact(context);
    } catch (Throwable t) {
      throw LibCrypto.unexpected(t);
    }
  }

  private static void require(int ok) throws Throwable {
    if (ok != 1) {
      CLEAR_ERRORS.invokeExact();
      throw new IllegalStateException("libcrypto refused a call");
    }
  }
}
