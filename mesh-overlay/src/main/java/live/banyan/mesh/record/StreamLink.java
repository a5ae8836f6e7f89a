package live.banyan.mesh.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import live.banyan.mesh.identity.Sha256;
import live.banyan.mesh.identity.SigningKey;

/**
 * What a link to a stream holds: the channel, the name, and where its broadcaster wants that, a
 * secret. Where its records lie, who may write there, and who can read them, follows from that; so
 * whoever has the link finds the stream, and nobody else learns that it exists. Immutable.
 */
public final class StreamLink {
  /** Longest secret in bytes. */
  public static final int SECRET_BYTES_MAX = 32;

  static final int TAG_BYTES = 16;

  private final byte[] channel;
  private final String name;
  private final byte[] secret;
  private final byte[] tag;

  /**
   * A link.
   *
   * @param channel public key of the channel
   * @param name of the stream inside the channel, up to 64 characters
   * @param secret empty for a public stream: then channel and name are all that one needs to know
   */
  public StreamLink(byte[] channel, String name, byte[] secret) {
    if (channel.length != SigningKey.PUBLIC_KEY_BYTES
        || secret.length > SECRET_BYTES_MAX
        || name.length() > StreamRecord.NAME_CHARS_MAX) {
      throw new IllegalArgumentException("no link to a stream");
    }
    this.channel = channel.clone();
    this.name = name;
    this.secret = secret.clone();
    this.tag =
        Arrays.copyOf(
            Sha256.of("banyan stream 1", channel, name.getBytes(StandardCharsets.UTF_8)),
            TAG_BYTES);
  }

  /** A copy of the channel's public key. */
  public byte[] channel() {
    return channel.clone();
  }

  /** The stream's name inside the channel. */
  public String name() {
    return name;
  }

  byte[] secret() {
    return secret;
  }

  /** Names the stream inside sealed records. */
  byte[] tag() {
    return tag;
  }

  @Override
  public String toString() {
    return "StreamLink";
  }
}
