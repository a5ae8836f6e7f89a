package live.banyan.sfu.packet;

import java.util.Arrays;

/**
 * Master keys of one association, split by direction as seen from this end. The arrays are owned by
 * whoever builds the cipher, which wipes them. Never logged.
 */
public record SrtpKeys(
    SrtpProfile profile, byte[] localKey, byte[] localSalt, byte[] remoteKey, byte[] remoteSalt) {
  /** Overwrites the keys: for their owner, once the cipher is built or nobody wants one. */
  public void wipe() {
    Arrays.fill(localKey, (byte) 0);
    Arrays.fill(localSalt, (byte) 0);
    Arrays.fill(remoteKey, (byte) 0);
    Arrays.fill(remoteSalt, (byte) 0);
  }

  @Override
  public String toString() {
    return "SrtpKeys[" + profile + "]";
  }
}
