package live.banyan.mesh.kademlia;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import live.banyan.mesh.wire.Endpoint;
import org.bouncycastle.crypto.macs.SipHash;
import org.bouncycastle.crypto.params.KeyParameter;

/** Numbers that show that somebody gets what is sent to an address: SipHash-2-4 under own keys. */
final class Tokens {
  /** A token counts for one to two of these. */
  private static final long ROTATE_NS = 300_000_000_000L;

  private byte[] current;
  private byte[] previous;
  private long rotateNs;

  Tokens(RandomGenerator random, long nowNs) {
    current = key(random);
    previous = key(random);
    rotateNs = nowNs + ROTATE_NS;
  }

  private static byte[] key(RandomGenerator random) {
    byte[] key = new byte[16];
    random.nextBytes(key);
    return key;
  }

  void rotate(RandomGenerator random, long nowNs) {
    if (nowNs >= rotateNs) {
      previous = current;
      current = key(random);
      rotateNs = nowNs + ROTATE_NS;
    }
  }

  long of(Endpoint endpoint) {
    return token(current, endpoint);
  }

  boolean isValid(Endpoint endpoint, long token) {
    return token != 0 && (token == of(endpoint) || token == token(previous, endpoint));
  }

  private static long token(byte[] key, Endpoint endpoint) {
    SipHash hash = new SipHash();
    hash.init(new KeyParameter(key));
    byte[] address =
        ByteBuffer.allocate(20)
            .putLong(endpoint.high())
            .putLong(endpoint.low())
            .putInt(endpoint.port())
            .array();
    hash.update(address, 0, address.length);
    return hash.doFinal() & Long.MAX_VALUE | 1;
  }
}
