package live.banyan.sfu.dtls;

import java.io.IOException;
import java.security.SecureRandom;
import live.banyan.sfu.srtp.NativeCurves;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.modes.AEADBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.gcm.BasicGCMMultiplier;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsECConfig;
import org.bouncycastle.tls.crypto.TlsECDomain;
import org.bouncycastle.tls.crypto.TlsEncodeResult;
import org.bouncycastle.tls.crypto.TlsSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsECDSASigner;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's cryptography, for datagrams: whatever is wrong with an encrypted record, it is
 * discarded (RFC 6347 §4.1.2.7). Bouncy Castle's record layer does so for a wrong MAC only, and
 * ends the association for a record that is too short to have one, which anybody can send.
 */
final class DtlsCrypto extends BcTlsCrypto {
  private final @Nullable NativeCurves curves;

  /**
   * @param curves computes what it can in place of Bouncy Castle; null for none
   */
  DtlsCrypto(SecureRandom random, @Nullable NativeCurves curves) {
    super(random);
    this.curves = curves;
  }

  @Override
  public TlsCertificate createCertificate(short type, byte[] encoding) throws IOException {
    return curves == null || type != CertificateType.X509
        ? super.createCertificate(type, encoding)
        : new NativeCrypto.PeerCertificate(this, curves, encoding);
  }

  @Override
  public TlsECDomain createECDomain(TlsECConfig config) {
    NativeCurves here = curves;
    return here == null || config.getNamedGroup() != NamedGroup.x25519
        ? super.createECDomain(config)
        : () -> new NativeCrypto.Exchange(this, here);
  }

  /** Signs with a P-256 key. */
  TlsSigner signer(AsymmetricKeyParameter key) throws IOException {
    return curves == null
        ? new BcTlsECDSASigner(this, (ECPrivateKeyParameters) key)
        : new NativeCrypto.Signer(
            curves.signingKey(PrivateKeyInfoFactory.createPrivateKeyInfo(key).getEncoded()));
  }

  /**
   * An association lives as long as its viewer and carries little: the tables that Bouncy Castle
   * computes for GCM would be 9 KB for each direction of each viewer, for a fifth of the time.
   */
  @Override
  protected AEADBlockCipher createGCMMode(BlockCipher cipher) {
    return GCMBlockCipher.newInstance(cipher, new BasicGCMMultiplier());
  }

  @Override
  public TlsCipher createCipher(
      TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
      throws IOException {
    return new Discarding(super.createCipher(parameters, encryptionAlgorithm, macAlgorithm));
  }

  private record Discarding(TlsCipher cipher) implements TlsCipher {
    @Override
    public TlsDecodeResult decodeCiphertext(
        long sequence, short type, ProtocolVersion version, byte[] record, int offset, int length)
        throws IOException {
      try {
        return cipher.decodeCiphertext(sequence, type, version, record, offset, length);
      } catch (TlsFatalAlert alert) {
        throw new TlsFatalAlert(AlertDescription.bad_record_mac, alert);
      }
    }

    @Override
    public TlsEncodeResult encodePlaintext(
        long sequence,
        short type,
        ProtocolVersion version,
        int headerAllocation,
        byte[] plaintext,
        int offset,
        int length)
        throws IOException {
      return cipher.encodePlaintext(
          sequence, type, version, headerAllocation, plaintext, offset, length);
    }

    @Override
    public int getCiphertextDecodeLimit(int plaintextLimit) {
      return cipher.getCiphertextDecodeLimit(plaintextLimit);
    }

    @Override
    public int getCiphertextEncodeLimit(int plaintextLimit) {
      return cipher.getCiphertextEncodeLimit(plaintextLimit);
    }

    @Override
    public int getPlaintextDecodeLimit(int ciphertextLimit) {
      return cipher.getPlaintextDecodeLimit(ciphertextLimit);
    }

    @Override
    public int getPlaintextEncodeLimit(int ciphertextLimit) {
      return cipher.getPlaintextEncodeLimit(ciphertextLimit);
    }

    @Override
    public void rekeyDecoder() throws IOException {
      cipher.rekeyDecoder();
    }

    @Override
    public void rekeyEncoder() throws IOException {
      cipher.rekeyEncoder();
    }

    @Override
    public boolean usesOpaqueRecordTypeDecode() {
      return cipher.usesOpaqueRecordTypeDecode();
    }

    @Override
    public boolean usesOpaqueRecordTypeEncode() {
      return cipher.usesOpaqueRecordTypeEncode();
    }
  }
}
