package live.banyan.sfu.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import live.banyan.sfu.packet.SrtpProfile;
import org.jitsi.srtp.SrtcpCryptoContext;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;
import org.jitsi.srtp.SrtpPolicy;
import org.jitsi.srtp.crypto.Aes;
import org.jitsi.utils.ByteArrayBuffer;
import org.jitsi.utils.logging2.Logger;
import org.jitsi.utils.logging2.LoggerImpl;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What another implementation seals we open, and the other way round. */
class JitsiSrtpOracleTest {
  private static final int SSRC = 0x89ABCDEF;
  private static final Logger LOGGER = new LoggerImpl("oracle");

  @BeforeAll
  static void oracleUsesTheJdk() {
    Aes.setFactoryClassName("SunJCE");
  }

  private static SrtpPolicy policy(SrtpProfile profile) {
    return switch (profile) {
      case AEAD_AES_128_GCM ->
          new SrtpPolicy(
              SrtpPolicy.AESGCM_ENCRYPTION, 16, SrtpPolicy.NULL_AUTHENTICATION, 0, 16, 12);
      case AES128_CM_SHA1_80 ->
          new SrtpPolicy(
              SrtpPolicy.AESCM_ENCRYPTION, 16, SrtpPolicy.HMACSHA1_AUTHENTICATION, 20, 10, 14);
    };
  }

  /** The oracle with the keys of {@link CipherPair}'s sender (seeds 1, 2) or receiver (3, 4). */
  private static SrtpContextFactory oracle(SrtpProfile profile, boolean sending, int seed) {
    return new SrtpContextFactory(
        sending,
        CipherPair.bytes(seed, profile.keyLength()),
        CipherPair.bytes(seed + 1, profile.saltLength()),
        policy(profile),
        policy(profile),
        LOGGER);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void theOracleOpensWhatWeSeal(SrtpProfile profile) throws Exception {
    for (CryptoPath path : CryptoPath.values()) {
      try (CipherPair pair = new CipherPair(profile, path, path)) {
        SrtpContextFactory factory = oracle(profile, false, 1);
        SrtpCryptoContext media = factory.deriveContext(SSRC, 0);
        SrtcpCryptoContext control = factory.deriveControlContext(SSRC);
        Random random = new Random(3);
        long index = 65_000;
        for (int i = 0; i < 400; i++, index += 1 + random.nextInt(500)) {
          byte[] content = CipherPair.bytes(i, random.nextInt(1200));
          Bytes sealed = new Bytes(pair.sealed(SSRC, index, content));
          assertEquals(SrtpErrorStatus.OK, media.reverseTransformPacket(sealed, false));
          byte[] plain = sealed.content();
          assertArrayEquals(CipherPair.header(SSRC, index), Arrays.copyOf(plain, 12));
          assertArrayEquals(content, Arrays.copyOfRange(plain, 12, plain.length));

          byte[] report = CipherPair.report(SSRC, i);
          Bytes sealedReport = new Bytes(pair.sealedRtcp(report));
          assertEquals(SrtpErrorStatus.OK, control.reverseTransformPacket(sealedReport));
          assertArrayEquals(report, sealedReport.content());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void weOpenWhatTheOracleSeals(SrtpProfile profile) throws Exception {
    for (CryptoPath path : CryptoPath.values()) {
      try (CipherPair pair = new CipherPair(profile, path, path)) {
        SrtpContextFactory factory = oracle(profile, true, 1);
        SrtpCryptoContext media = factory.deriveContext(SSRC, 0);
        SrtcpCryptoContext control = factory.deriveControlContext(SSRC);
        Random random = new Random(4);
        long index = 65_000;
        for (int i = 0; i < 400; i++, index += 1 + random.nextInt(500)) {
          byte[] header = CipherPair.header(SSRC, index);
          byte[] content = CipherPair.bytes(i, random.nextInt(1200));
          byte[] plain = Arrays.copyOf(header, 12 + content.length);
          System.arraycopy(content, 0, plain, 12, content.length);
          Bytes packet = new Bytes(plain);
          assertEquals(SrtpErrorStatus.OK, media.transformPacket(packet));
          assertEquals(plain.length, pair.open(packet.content()));
          assertArrayEquals(plain, pair.onWire(plain.length));

          byte[] report = CipherPair.report(SSRC, i);
          Bytes sealedReport = new Bytes(report);
          assertEquals(SrtpErrorStatus.OK, control.transformPacket(sealedReport));
          assertEquals(report.length, pair.openRtcp(sealedReport.content()));
          assertArrayEquals(report, pair.onWire(report.length));
        }
      }
    }
  }

  /** The oracle's idea of a packet: an array with room at the end. */
  private static final class Bytes implements ByteArrayBuffer {
    private byte[] bytes;
    private int offset;
    private int length;

    Bytes(byte[] content) {
      bytes = Arrays.copyOf(content, content.length + 64);
      length = content.length;
    }

    byte[] content() {
      return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    public byte[] getBuffer() {
      return bytes;
    }

    @Override
    public int getOffset() {
      return offset;
    }

    @Override
    public int getLength() {
      return length;
    }

    @Override
    public void setOffset(int offset) {
      this.offset = offset;
    }

    @Override
    public void setLength(int length) {
      this.length = length;
    }

    @Override
    public boolean isInvalid() {
      return false;
    }

    @Override
    public void readRegionToBuff(int from, int count, byte[] to) {
      System.arraycopy(bytes, offset + from, to, 0, count);
    }

    @Override
    public void grow(int more) {
      bytes = Arrays.copyOf(bytes, bytes.length + more);
    }

    @Override
    public void append(byte[] data, int count) {
      grow(count);
      System.arraycopy(data, 0, bytes, offset + length, count);
      length += count;
    }

    @Override
    public void shrink(int count) {
      length -= count;
    }
  }
}
