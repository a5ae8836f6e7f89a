package live.banyan.mesh.identity;

import java.nio.ByteBuffer;

/** Keys with work in them, found beforehand: tests need many, and each takes half a second. */
public final class WorkedKeys {
  private static final int[] FOUND = {
    1449, 19084, 40365, 57003, 87454, 88763, 103653, 108949, 109403, 120424, 143590, 160939, 161675,
    177871, 191374, 196524, 199761, 211603, 226862, 234359, 303458, 326975, 328977, 343855, 351838,
    354097, 356526, 357302, 370658, 373835, 391794, 396825, 399253, 448997, 456267, 494020, 526899,
    527413, 543177, 567466
  };

  private WorkedKeys() {}

  /** The key of this number, 0 to 39. */
  public static NodeKey get(int number) {
    byte[] seed = ByteBuffer.allocate(NodeKey.SEED_BYTES).putInt(FOUND[number]).array();
    return NodeKey.ofSeed(seed);
  }
}
