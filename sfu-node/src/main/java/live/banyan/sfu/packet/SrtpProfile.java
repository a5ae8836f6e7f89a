package live.banyan.sfu.packet;

/**
 * SRTP protection profiles that a node speaks, in order of preference (RFC 5764 §4.1.2, RFC 7714).
 */
public enum SrtpProfile {
  AEAD_AES_128_GCM(0x0007, 16, 12),
  AES128_CM_SHA1_80(0x0001, 16, 14);

  private final int id;
  private final int keyLength;
  private final int saltLength;

  SrtpProfile(int id, int keyLength, int saltLength) {
    this.id = id;
    this.keyLength = keyLength;
    this.saltLength = saltLength;
  }

  /** The value in the use_srtp extension. */
  public int id() {
    return id;
  }

  /** Master key length in bytes. */
  public int keyLength() {
    return keyLength;
  }

  /** Master salt length in bytes. */
  public int saltLength() {
    return saltLength;
  }

  /**
   * Bytes to export from DTLS: client key, server key, client salt, server salt (RFC 5764 §4.2).
   */
  public int keyingMaterialLength() {
    return 2 * (keyLength + saltLength);
  }
}
