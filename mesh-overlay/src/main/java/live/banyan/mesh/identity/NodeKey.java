package live.banyan.mesh.identity;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * A node's Ed25519 key and the identifier that follows from it. Strangers only deal with a key that
 * took work to find ({@link KeyWork}). Immutable, safe from any thread; {@link #toString} never
 * shows the secret.
 */
public final class NodeKey {
  /** Length of the secret seed, of {@link #seed}, in bytes. */
  public static final int SEED_BYTES = SigningKey.SEED_BYTES;

  private static final int NODE_ID_BYTES = 16;

  private final SigningKey key;
  private final String nodeId;

  private NodeKey(SigningKey key) {
    this.key = key;
    this.nodeId = nodeIdOf(key.publicKey());
  }

  /**
   * The key of a secret seed.
   *
   * @param seed {@link #SEED_BYTES} bytes from a cryptographic random source; copied
   * @throws IllegalArgumentException when the length differs
   */
  public static NodeKey ofSeed(byte[] seed) {
    return new NodeKey(SigningKey.ofSeed(seed));
  }

  /**
   * A new key that strangers accept: about half a second of one core.
   *
   * @param random a cryptographic source, such as {@code SecureRandom}
   */
  public static NodeKey generate(RandomGenerator random) {
    return new NodeKey(KeyWork.find(random));
  }

  /** First 128 bits of SHA-256 of a public key, in lower-case hex: 32 characters. */
  public static String nodeIdOf(byte[] publicKey) {
    return HexFormat.of().formatHex(Arrays.copyOf(Sha256.of(publicKey), NODE_ID_BYTES));
  }

  /** Whether a text has the form of a node id: 32 lower-case hex digits. */
  public static boolean isNodeId(String text) {
    if (text.length() != 2 * NODE_ID_BYTES) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  public String nodeId() {
    return nodeId;
  }

  /** What signs for this node. */
  public SigningKey signingKey() {
    return key;
  }

  /** A copy of the public key. */
  public byte[] publicKey() {
    return key.publicKey();
  }

  /** A copy of the secret, for the file in the data directory and for nothing else. */
  public byte[] seed() {
    return key.seed();
  }

  /** Whether strangers accept this key. */
  public boolean hasWork() {
    return KeyWork.isIn(key.publicKey());
  }

  @Override
  public String toString() {
    return "NodeKey[" + nodeId + "]";
  }
}
