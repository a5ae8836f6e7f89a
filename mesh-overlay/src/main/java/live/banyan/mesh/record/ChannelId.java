package live.banyan.mesh.record;

import java.util.Optional;
import live.banyan.mesh.identity.Bech32;
import live.banyan.mesh.identity.SigningKey;

/**
 * A channel's public key as people hand it around: {@code ban1} and 58 letters and digits, the last
 * six of them a checksum; fit for the path of a URL.
 */
public final class ChannelId {
  private static final String KIND = "ban";

  private ChannelId() {}

  /** The text of a public key. */
  public static String text(byte[] publicKey) {
    return Bech32.write(KIND, publicKey);
  }

  /** The public key of a text; empty when the text is none, or has a typing error. */
  public static Optional<byte[]> read(String text) {
    return Bech32.read(KIND, text).filter(key -> key.length == SigningKey.PUBLIC_KEY_BYTES);
  }
}
