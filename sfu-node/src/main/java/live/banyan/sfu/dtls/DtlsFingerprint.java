package live.banyan.sfu.dtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The hash of a certificate as {@code a=fingerprint} tells it (RFC 8122 §5). Only hashes that still
 * resist collisions exist as a value: md5, md2 and sha-1 cannot be expressed.
 */
public final class DtlsFingerprint {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();

  private final String algorithm;
  private final byte[] hash;

  private DtlsFingerprint(String algorithm, byte[] hash) {
    this.algorithm = algorithm;
    this.hash = hash;
  }

  /**
   * Reads both tokens of the attribute, without regard to case.
   *
   * @param algorithm {@code sha-224}, {@code sha-256}, {@code sha-384} or {@code sha-512}
   * @param value pairs of hex digits with colons between
   * @return empty for another hash function, or a value of the wrong form or length
   */
  public static Optional<DtlsFingerprint> of(String algorithm, String value) {
    String name = algorithm.toLowerCase(Locale.ROOT);
    Optional<MessageDigest> digest = digest(name);
    if (digest.isEmpty() || value.length() != digest.get().getDigestLength() * 3 - 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(new DtlsFingerprint(name, COLONS.parseHex(value)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The sha-256 fingerprint of a certificate. */
  public static DtlsFingerprint sha256(byte[] certificateDer) {
    return new DtlsFingerprint("sha-256", digest("sha-256").orElseThrow().digest(certificateDer));
  }

  /** Whether the certificate has this fingerprint. */
  public boolean matches(byte[] certificateDer) {
    return MessageDigest.isEqual(hash, digest(algorithm).orElseThrow().digest(certificateDer));
  }

  public String algorithm() {
    return algorithm;
  }

  /** Upper-case hex with colons, as SDP writes it. */
  public String value() {
    return COLONS.formatHex(hash);
  }

  /** The bare hash, for records that carry it in binary. */
  public byte[] hash() {
    return hash.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DtlsFingerprint that
        && algorithm.equals(that.algorithm)
        && Arrays.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hash);
  }

  @Override
  public String toString() {
    return algorithm + " " + value();
  }

  private static Optional<MessageDigest> digest(String algorithm) {
    return switch (algorithm) {
      case "sha-224", "sha-256", "sha-384", "sha-512" -> {
        try {
          yield Optional.of(MessageDigest.getInstance(algorithm));
        } catch (NoSuchAlgorithmException e) {
          throw new IllegalStateException("every JDK has " + algorithm, e);
        }
      }
      default -> Optional.empty();
    };
  }
}
