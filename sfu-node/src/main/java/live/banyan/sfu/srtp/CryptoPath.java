package live.banyan.sfu.srtp;

/** Who does the arithmetic. */
public enum CryptoPath {
  /** OpenSSL's library through native calls: nothing allocated per packet. */
  LIBCRYPTO("libcrypto") {
    @Override
    SrtpTransform gcm(SessionKeys keys, boolean encrypt) {
      return new GcmTransform(
          new NativeAead(keys.rtpKey(), encrypt),
          keys.rtpSalt(),
          new NativeAead(keys.rtcpKey(), encrypt),
          keys.rtcpSalt());
    }

    @Override
    SrtpTransform counterHmac(SessionKeys keys) {
      return new CounterHmacTransform(
          new NativeCounterMode(keys.rtpKey()),
          new NativePacketMac(keys.rtpAuthentication()),
          keys.rtpSalt(),
          new NativeCounterMode(keys.rtcpKey()),
          new NativePacketMac(keys.rtcpAuthentication()),
          keys.rtcpSalt());
    }
  },

  /** The JDK's own provider: everywhere, with a copy and some garbage per packet. */
  SUNJCE("sunjce") {
    @Override
    SrtpTransform gcm(SessionKeys keys, boolean encrypt) {
      return new GcmTransform(
          new JceAead(keys.rtpKey()), keys.rtpSalt(), new JceAead(keys.rtcpKey()), keys.rtcpSalt());
    }

    @Override
    SrtpTransform counterHmac(SessionKeys keys) {
      return new CounterHmacTransform(
          new JceCounterMode(keys.rtpKey()),
          new JcePacketMac(keys.rtpAuthentication()),
          keys.rtpSalt(),
          new JceCounterMode(keys.rtcpKey()),
          new JcePacketMac(keys.rtcpAuthentication()),
          keys.rtcpSalt());
    }
  };

  private final String label;

  CryptoPath(String label) {
    this.label = label;
  }

  /** What logs and metrics call it. */
  public String label() {
    return label;
  }

  abstract SrtpTransform gcm(SessionKeys keys, boolean encrypt);

  abstract SrtpTransform counterHmac(SessionKeys keys);
}
