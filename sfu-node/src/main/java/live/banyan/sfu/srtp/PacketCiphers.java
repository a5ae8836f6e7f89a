package live.banyan.sfu.srtp;

import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds ciphers, on libcrypto where it loads and passes a self test, else on the JDK. */
public final class PacketCiphers {
  /** A browser sends a few layers, audio and their RTX; this is far above. */
  public static final int RECEIVE_SSRCS_MAX = 64;

  private static final Logger log = LoggerFactory.getLogger(PacketCiphers.class);
  private static final CryptoPath BEST = choose();

  private PacketCiphers() {}

  /** A cipher on the best path for a transport that receives a handful of SSRCs. */
  public static PacketCipher create(SrtpKeys keys) {
    return create(keys, RECEIVE_SSRCS_MAX, BEST);
  }

  /**
   * A cipher on the best path.
   *
   * @param receiveSsrcsMax SSRCs that the far end may use over the life of the keys; one more is
   *     {@link PacketCipher#MALFORMED}. Costs about 250 bytes each, when used.
   */
  public static PacketCipher create(SrtpKeys keys, int receiveSsrcsMax) {
    return create(keys, receiveSsrcsMax, BEST);
  }

  /**
   * A cipher on a path of choice. The keys' arrays are copied from and stay the caller's to wipe.
   *
   * @throws LinkageError for {@link CryptoPath#LIBCRYPTO} where that does not load
   */
  public static PacketCipher create(SrtpKeys keys, int receiveSsrcsMax, CryptoPath path) {
    SrtpTransform outbound =
        transform(path, keys.profile(), keys.localKey(), keys.localSalt(), true);
    SrtpTransform inbound =
        transform(path, keys.profile(), keys.remoteKey(), keys.remoteSalt(), false);
    return new SrtpCipher(outbound, inbound, receiveSsrcsMax);
  }

  private static SrtpTransform transform(
      CryptoPath path, SrtpProfile profile, byte[] key, byte[] salt, boolean encrypt) {
    SessionKeys keys = SessionKeys.derive(profile, key, salt);
    try {
      return switch (profile) {
        case AEAD_AES_128_GCM -> path.gcm(keys, encrypt);
        case AES128_CM_SHA1_80 -> path.counterHmac(keys);
      };
    } finally {
      keys.wipe();
    }
  }

  /** The path that {@link #create(SrtpKeys)} takes: {@code "libcrypto"} or {@code "sunjce"}. */
  public static String cryptoPath() {
    return BEST.label();
  }

  private static CryptoPath choose() {
    try {
      SelfTest.run(CryptoPath.LIBCRYPTO);
      return CryptoPath.LIBCRYPTO;
    } catch (LinkageError | IllegalStateException e) {
      log.warn(
          "SRTP runs on the JDK, with garbage per packet, since libcrypto fails: {}", e.toString());
      return CryptoPath.SUNJCE;
    }
  }
}
