package live.banyan.mesh.identity;

import java.util.random.RandomGenerator;

/**
 * The work in a node's key: a hash of the public key, another than the one that its id comes from,
 * begins with {@link #BITS} zeros. Only drawing keys finds one, so whoever wants an id near a
 * target pays for both conditions at once (the static puzzle of S/Kademlia, Baumgart and Mies
 * 2007). What the number of bits costs is in docs/adr/0008.
 */
public final class KeyWork {
  /** 16,384 keys of 25 to 40 us each, on average, until one fits. Part of wire version 1. */
  public static final int BITS = 14;

  private static final String PURPOSE = "banyan node work 1";

  /** A source that needs so many draws is no random source: e^-64 of all honest searches do. */
  private static final int DRAWS_MAX = 64 << BITS;

  private KeyWork() {}

  /** Whether a public key has the work in it; one hash. */
  public static boolean isIn(byte[] publicKey) {
    byte[] hash = Sha256.of(PURPOSE, publicKey);
    int head = (hash[0] & 0xff) << 16 | (hash[1] & 0xff) << 8 | hash[2] & 0xff;
    return head >>> 24 - BITS == 0;
  }

  static SigningKey find(RandomGenerator random) {
    for (int draw = 0; draw < DRAWS_MAX; draw++) {
      SigningKey key = SigningKey.generate(random);
      if (isIn(key.publicKey())) {
        return key;
      }
    }
    throw new IllegalStateException("the random source repeats itself");
  }
}
