package live.banyan.mesh.identity;

import java.util.Arrays;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.MalformedException;

/**
 * Something that a key's owner has said: the CBOR array {@code [version, type, signerKey, payload,
 * signature]}. The signature is over the exact bytes before it, version and type included, so that
 * nothing signed for one purpose can stand in for another. Reading checks the form alone; {@link
 * #isVerified} costs about 65 us.
 *
 * @param bytes the whole, as sent
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
public record Signed(SignedType type, byte[] signer, byte[] payload, byte[] bytes) {
  /** The version that this program writes and reads. */
  public static final int VERSION = 1;

  /** Longest payload in bytes. */
  public static final int PAYLOAD_BYTES_MAX = 1_072;

  /** What array, version, type, key and signature add to a payload of more than 255 bytes. */
  public static final int OVERHEAD_BYTES = 1 + 1 + 1 + 2 + SigningKey.PUBLIC_KEY_BYTES + 3 + 66;

  /** A byte string's head and the 64 bytes of an Ed25519 signature. */
  private static final int SIGNATURE_ITEM_BYTES = 2 + SigningKey.SIGNATURE_BYTES;

  /**
   * Signs.
   *
   * @throws IllegalArgumentException when the payload is too long
   */
  public static Signed sign(SigningKey key, SignedType type, byte[] payload) {
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(payload.length + " bytes are too many to be signed");
    }
    byte[] unsigned = write(type, key.publicKey(), payload, new byte[SigningKey.SIGNATURE_BYTES]);
    byte[] signature = key.sign(signedPart(unsigned));
    return new Signed(
        type, key.publicKey(), payload, write(type, key.publicKey(), payload, signature));
  }

  /** Reads the form; whether it was signed by the key in it {@link #isVerified} tells. */
  public static Signed read(byte[] bytes) throws MalformedException {
    if (bytes.length > PAYLOAD_BYTES_MAX + OVERHEAD_BYTES) {
      throw new MalformedException("too long");
    }
    CborReader in = new CborReader(bytes);
    in.number(VERSION, VERSION);
    SignedType type = SignedType.of((int) in.number(0, 255));
    byte[] signer = in.exactly(SigningKey.PUBLIC_KEY_BYTES);
    byte[] payload = in.bytes(PAYLOAD_BYTES_MAX);
    in.exactly(SigningKey.SIGNATURE_BYTES);
    in.end();
    return new Signed(type, signer, payload, bytes);
  }

  /** Whether the owner of the key in it has signed it. */
  public boolean isVerified() {
    byte[] signature =
        Arrays.copyOfRange(bytes, bytes.length - SigningKey.SIGNATURE_BYTES, bytes.length);
    return SigningKey.verify(signer, signedPart(bytes), signature);
  }

  /** The id of the node whose key this is. */
  public String signerId() {
    return NodeKey.nodeIdOf(signer);
  }

  private static byte[] write(SignedType type, byte[] key, byte[] payload, byte[] signature) {
    return new CborWriter(5)
        .number(VERSION)
        .number(type.code())
        .bytes(key)
        .bytes(payload)
        .bytes(signature)
        .finish();
  }

  private static byte[] signedPart(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length - SIGNATURE_ITEM_BYTES);
  }
}
