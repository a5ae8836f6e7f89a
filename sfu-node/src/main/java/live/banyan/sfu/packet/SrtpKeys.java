package live.banyan.sfu.packet;

/**
 * Master keys of one association, split by direction as seen from this end. The arrays are owned by
 * whoever builds the cipher, which wipes them. Never logged.
 */
public record SrtpKeys(
    SrtpProfile profile, byte[] localKey, byte[] localSalt, byte[] remoteKey, byte[] remoteSalt) {
  @Override
  public String toString() {
    return "SrtpKeys[" + profile + "]";
  }
}
