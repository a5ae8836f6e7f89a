package live.banyan.sfu.srtp;

import java.util.Arrays;
import live.banyan.sfu.packet.SrtpProfile;

/**
 * The session keys of one direction. Short-lived: a transform takes what it needs and {@link #wipe}
 * forgets the rest.
 *
 * @param rtpAuthentication HMAC-SHA1 key of 20 bytes; empty with AEAD
 * @param rtcpAuthentication HMAC-SHA1 key of 20 bytes; empty with AEAD
 */
record SessionKeys(
    byte[] rtpKey,
    byte[] rtpAuthentication,
    byte[] rtpSalt,
    byte[] rtcpKey,
    byte[] rtcpAuthentication,
    byte[] rtcpSalt) {

  private static final int SHA1_KEY_LENGTH = 20;

  static SessionKeys derive(SrtpProfile profile, byte[] masterKey, byte[] masterSalt) {
    if (masterKey.length != profile.keyLength() || masterSalt.length != profile.saltLength()) {
      throw new IllegalArgumentException(
          profile
              + " takes a key of "
              + profile.keyLength()
              + " and a salt of "
              + profile.saltLength()
              + " bytes");
    }
    int authentication =
        switch (profile) {
          case AEAD_AES_128_GCM -> 0;
          case AES128_CM_SHA1_80 -> SHA1_KEY_LENGTH;
        };
    int key = profile.keyLength();
    int salt = profile.saltLength();
    return new SessionKeys(
        KeyDerivation.derive(masterKey, masterSalt, KeyDerivation.RTP_ENCRYPTION, key),
        KeyDerivation.derive(
            masterKey, masterSalt, KeyDerivation.RTP_AUTHENTICATION, authentication),
        KeyDerivation.derive(masterKey, masterSalt, KeyDerivation.RTP_SALT, salt),
        KeyDerivation.derive(masterKey, masterSalt, KeyDerivation.RTCP_ENCRYPTION, key),
        KeyDerivation.derive(
            masterKey, masterSalt, KeyDerivation.RTCP_AUTHENTICATION, authentication),
        KeyDerivation.derive(masterKey, masterSalt, KeyDerivation.RTCP_SALT, salt));
  }

  void wipe() {
    Arrays.fill(rtpKey, (byte) 0);
    Arrays.fill(rtpAuthentication, (byte) 0);
    Arrays.fill(rtpSalt, (byte) 0);
    Arrays.fill(rtcpKey, (byte) 0);
    Arrays.fill(rtcpAuthentication, (byte) 0);
    Arrays.fill(rtcpSalt, (byte) 0);
  }

  @Override
  public String toString() {
    return "SessionKeys";
  }
}
