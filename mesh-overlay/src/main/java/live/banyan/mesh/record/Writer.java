package live.banyan.mesh.record;

import java.util.random.RandomGenerator;
import live.banyan.mesh.identity.Sha256;
import live.banyan.mesh.identity.SigningKey;

/**
 * Who writes at a place: a key made for this one place, which tells nothing of the node that it
 * belongs to, and the admission that only somebody with the link can make. Immutable.
 */
public final class Writer {
  static final String ADMISSION = "banyan writer 1";

  private final LinkPlace place;
  private final SigningKey key;
  private final byte[] admission;

  /**
   * Makes a writer.
   *
   * @param random a cryptographic source
   */
  public Writer(LinkPlace place, RandomGenerator random) {
    this.place = place;
    this.key = SigningKey.generate(random);
    this.admission = place.writers().sign(admissionOf(key.publicKey()));
  }

  static byte[] admissionOf(byte[] writerKey) {
    return Sha256.of(ADMISSION, writerKey);
  }

  /** Where it writes. */
  public LinkPlace place() {
    return place;
  }

  SigningKey key() {
    return key;
  }

  byte[] admission() {
    return admission;
  }
}
