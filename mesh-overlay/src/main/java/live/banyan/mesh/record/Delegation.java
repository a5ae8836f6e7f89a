package live.banyan.mesh.record;

import java.util.Arrays;
import java.util.Optional;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * A channel lets a stream key speak for it, for a time. The channel's own key stays offline; a
 * stream key that is stolen is worth only until the delegation ends or is taken back ({@link
 * Revocation}).
 *
 * @param stream the one stream that the key may publish; empty: every stream of the channel
 * @param notBeforeMs wall clock, milliseconds since 1970
 * @param notAfterMs wall clock, milliseconds since 1970, exclusive
 * @param serial counts the channel's delegations, from 1
 */
@SuppressWarnings("ArrayRecordComponent") // keys; nobody changes them
public record Delegation(
    byte[] channel,
    byte[] streamKey,
    String stream,
    long notBeforeMs,
    long notAfterMs,
    long serial) {
  /** Longest time that one delegation lasts: 400 days. */
  public static final long VALID_MS_MAX = 400L * 24 * 3_600_000;

  /** Longest delegation in bytes, as {@link Signed}. */
  static final int BYTES_MAX = 260;

  private static final long END_OF_TIME_MS = 253_402_300_800_000L;
  private static final int ITEMS = 5;

  /**
   * Signs a delegation with the channel's key.
   *
   * @throws IllegalArgumentException when it would last for no time or too long
   */
  public static Signed sign(
      SigningKey channel,
      byte[] streamKey,
      String stream,
      long notBeforeMs,
      long notAfterMs,
      long serial) {
    if (notAfterMs <= notBeforeMs || notAfterMs - notBeforeMs > VALID_MS_MAX) {
      throw new IllegalArgumentException("a delegation lasts for up to 400 days");
    }
    CborWriter out = new CborWriter(ITEMS).bytes(streamKey).text(stream);
    out.number(notBeforeMs).number(notAfterMs).number(serial);
    return Signed.sign(channel, SignedType.DELEGATION, out.finish());
  }

  /** Whether a channel has signed this, whatever the time. */
  public static Checked<Delegation> check(Signed signed) {
    Delegation delegation;
    try {
      if (signed.type() != SignedType.DELEGATION) {
        throw new MalformedException("no delegation");
      }
      CborReader in = new CborReader(signed.payload());
      delegation =
          new Delegation(
              signed.signer(),
              in.exactly(SigningKey.PUBLIC_KEY_BYTES),
              in.text(StreamRecord.NAME_CHARS_MAX),
              in.number(0, END_OF_TIME_MS),
              in.number(0, END_OF_TIME_MS),
              in.number(1, Long.MAX_VALUE));
      in.end();
    } catch (MalformedException e) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    long lastsMs = delegation.notAfterMs - delegation.notBeforeMs;
    if (lastsMs <= 0 || lastsMs > VALID_MS_MAX) {
      return new Checked.Refused<>(RecordRefusal.MALFORMED);
    }
    return signed.isVerified()
        ? new Checked.Valid<>(delegation)
        : new Checked.Refused<>(RecordRefusal.FORGED);
  }

  /** Why a key may not publish a stream of a channel now, if so. */
  public Optional<RecordRefusal> refusal(byte[] channelKey, byte[] key, String name, long nowMs) {
    if (!Arrays.equals(channel, channelKey)
        || !Arrays.equals(streamKey, key)
        || !(stream.isEmpty() || stream.equals(name))) {
      return Optional.of(RecordRefusal.ELSEWHERE);
    }
    if (notBeforeMs > nowMs + Validity.SKEW_MS_MAX) {
      return Optional.of(RecordRefusal.FUTURE);
    }
    return notAfterMs + Validity.SKEW_MS_MAX <= nowMs
        ? Optional.of(RecordRefusal.EXPIRED)
        : Optional.empty();
  }
}
