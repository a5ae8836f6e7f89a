package live.banyan.sfu.srtp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * OpenSSL's libcrypto, 1.1 or 3. Initialising this class loads the library and fails with a {@link
 * LinkageError} where there is none. Packet data goes as raw pointers, so callers check bounds.
 *
 * <p>The per-packet functions are critical downcalls: they run for about a microsecond, never block
 * and never call back, so skipping the thread's state change costs nobody a pause.
 */
final class LibCrypto {
  /**
   * Tried in this order. Never a bare libcrypto.dylib: macOS ends a process that loads it.
   *
   * <p>The Homebrew paths are those of Apple silicon and of Intel.
   */
  private static final List<String> NAMES =
      List.of(
          "libcrypto.so.3",
          "libcrypto.so.1.1",
          "libcrypto.so",
          "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
          "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
          "/opt/local/lib/libcrypto.3.dylib");

  /** sizeof(SHA_CTX): five state words, two of length, sixteen of data, one count. */
  static final int SHA1_STATE_BYTES = 96;

  private static final int CTRL_AEAD_GET_TAG = 0x10;
  private static final int CTRL_AEAD_SET_TAG = 0x11;

  private static final SymbolLookup LIBRARY = load();
  private static final Linker.Option CRITICAL = Linker.Option.critical(false);

  private static final MethodHandle AES_128_GCM =
      link("EVP_aes_128_gcm", FunctionDescriptor.of(JAVA_LONG));
  private static final MethodHandle AES_128_CTR =
      link("EVP_aes_128_ctr", FunctionDescriptor.of(JAVA_LONG));
  private static final MethodHandle CONTEXT_NEW =
      link("EVP_CIPHER_CTX_new", FunctionDescriptor.of(JAVA_LONG));
  private static final MethodHandle CONTEXT_FREE =
      link("EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MethodHandle SET_KEY =
      link(
          "EVP_CipherInit_ex",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SET_IV =
      link(
          "EVP_CipherInit_ex",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT),
          CRITICAL);
  private static final MethodHandle UPDATE =
      link(
          "EVP_CipherUpdate",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT),
          CRITICAL);
  private static final MethodHandle FINAL =
      link(
          "EVP_CipherFinal_ex",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS),
          CRITICAL);
  private static final MethodHandle CONTROL =
      link(
          "EVP_CIPHER_CTX_ctrl",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG),
          CRITICAL);
  private static final MethodHandle SHA1_INIT =
      link("SHA1_Init", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle SHA1_UPDATE =
      link("SHA1_Update", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG), CRITICAL);
  private static final MethodHandle SHA1_FINAL =
      link("SHA1_Final", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), CRITICAL);

  private LibCrypto() {}

  private static SymbolLookup load() {
    for (String name : NAMES) {
      try {
        // The library stays for the life of the process, as every loaded class does.
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        // Not under this name; the next may do.
      }
    }
    throw new UnsatisfiedLinkError("no libcrypto under any of " + NAMES);
  }

  /** A function of the library. */
  static MethodHandle link(String name, FunctionDescriptor signature, Linker.Option... options) {
    MemorySegment symbol =
        LIBRARY.find(name).orElseThrow(() -> new UnsatisfiedLinkError("libcrypto has no " + name));
    return Linker.nativeLinker().downcallHandle(symbol, signature, options);
  }

  /** A context for AES-128-GCM under a key. @param encrypt direction, fixed from now on */
  static long newGcm(byte[] key, boolean encrypt) {
    try {
      return newContext((long) AES_128_GCM.invokeExact(), key, encrypt);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A context for AES-128-CTR under a key. */
  static long newCtr(byte[] key) {
    try {
      return newContext((long) AES_128_CTR.invokeExact(), key, true);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static long newContext(long cipher, byte[] key, boolean encrypt) throws Throwable {
    long context = (long) CONTEXT_NEW.invokeExact();
    if (cipher == 0 || context == 0) {
      throw new IllegalStateException("libcrypto has no memory or no cipher");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nativeKey =
          arena.allocate(
              MemoryLayout.sequenceLayout(key.length, java.lang.foreign.ValueLayout.JAVA_BYTE));
      nativeKey.copyFrom(MemorySegment.ofArray(key));
      int ok = (int) SET_KEY.invokeExact(context, cipher, 0L, nativeKey, 0L, encrypt ? 1 : 0);
      nativeKey.fill((byte) 0);
      require(ok);
    }
    return context;
  }

  /** Frees a context; libcrypto wipes it. */
  static void free(long context) {
    try {
      CONTEXT_FREE.invokeExact(context);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Starts the next packet. */
  static void setIv(long context, MemorySegment iv) {
    try {
      require((int) SET_IV.invokeExact(context, 0L, 0L, 0L, iv, -1));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Takes associated data where {@code to} is 0, else encrypts or decrypts. */
  static void update(long context, long to, MemorySegment written, long from, int length) {
    try {
      require((int) UPDATE.invokeExact(context, to, written, from, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Ends a packet. @return false when the tag is wrong */
  static boolean finish(long context, MemorySegment scratch, MemorySegment written) {
    try {
      return (int) FINAL.invokeExact(context, scratch, written) == 1;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void getTag(long context, long to) {
    try {
      require((int) CONTROL.invokeExact(context, CTRL_AEAD_GET_TAG, Aead.TAG_LENGTH, to));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void setTag(long context, long from) {
    try {
      require((int) CONTROL.invokeExact(context, CTRL_AEAD_SET_TAG, Aead.TAG_LENGTH, from));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void sha1Init(MemorySegment state) {
    try {
      require((int) SHA1_INIT.invokeExact(state));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void sha1Update(MemorySegment state, long from, long length) {
    try {
      require((int) SHA1_UPDATE.invokeExact(state, from, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void sha1Final(MemorySegment digest, MemorySegment state) {
    try {
      require((int) SHA1_FINAL.invokeExact(digest, state));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static void require(int ok) {
    if (ok != 1) {
      throw new IllegalStateException("libcrypto refused a call");
    }
  }

  static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException runtime ? runtime : new IllegalStateException(t);
  }
}
