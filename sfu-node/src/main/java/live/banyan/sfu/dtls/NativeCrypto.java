package live.banyan.sfu.dtls;

import java.io.IOException;
import live.banyan.sfu.srtp.NativeCurves;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DigitallySigned;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsAgreement;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.TlsSigner;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.bouncycastle.tls.crypto.TlsStreamVerifier;
import org.bouncycastle.tls.crypto.TlsVerifier;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/** What Bouncy Castle's handshake asks of {@link NativeCurves}. */
final class NativeCrypto {
  private NativeCrypto() {}

  /** Signs with this node's key. */
  record Signer(NativeCurves.SigningKey key) implements TlsSigner {
    @Override
    public byte[] generateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash) {
      return key.sign(hash);
    }

    @Override
    public @Nullable TlsStreamSigner getStreamSigner(SignatureAndHashAlgorithm algorithm) {
      return null; // a digest is all that is signed
    }
  }

  /** A peer's certificate, whose signatures libcrypto checks where its key is on P-256. */
  static final class PeerCertificate extends BcTlsCertificate {
    private static final AlgorithmIdentifier P256 =
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);

    private final NativeCurves curves;

    PeerCertificate(BcTlsCrypto crypto, NativeCurves curves, byte[] der) throws IOException {
      super(crypto, der);
      this.curves = curves;
    }

    @Override
    public TlsVerifier createVerifier(short signatureAlgorithm) throws IOException {
      if (signatureAlgorithm != SignatureAlgorithm.ecdsa || !keyInfo.getAlgorithm().equals(P256)) {
        return super.createVerifier(signatureAlgorithm);
      }
      validateKeyUsage(KeyUsage.digitalSignature);
      return new Verifier(curves, keyInfo.getEncoded(ASN1Encoding.DER));
    }
  }

  private record Verifier(NativeCurves curves, byte[] key) implements TlsVerifier {
    @Override
    public @Nullable TlsStreamVerifier getStreamVerifier(DigitallySigned signature) {
      return null;
    }

    @Override
    public boolean verifyRawSignature(DigitallySigned signature, byte[] hash) throws IOException {
      SignatureAndHashAlgorithm algorithm = signature.getAlgorithm();
      if (algorithm != null && algorithm.getSignature() != SignatureAlgorithm.ecdsa) {
        throw new TlsFatalAlert(AlertDescription.illegal_parameter);
      }
      return curves.verify(key, hash, signature.getSignature());
    }
  }

  /** One handshake's X25519. */
  static final class Exchange implements TlsAgreement {
    private final BcTlsCrypto crypto;
    private final NativeCurves.Agreement agreement;
    private byte[] peerPublicKey = {};

    Exchange(BcTlsCrypto crypto, NativeCurves curves) {
      this.crypto = crypto;
      this.agreement = curves.agree(crypto.getSecureRandom());
    }

    @Override
    public byte[] generateEphemeral() {
      return agreement.publicKey();
    }

    @Override
    public void receivePeerValue(byte[] peerValue) throws IOException {
      if (peerValue.length != NativeCurves.X25519_BYTES) {
        throw new TlsFatalAlert(AlertDescription.illegal_parameter);
      }
      peerPublicKey = peerValue.clone();
    }

    @Override
    public TlsSecret calculateSecret() throws IOException {
      byte[] secret = agreement.secret(peerPublicKey);
      if (secret == null) {
        // RFC 8422 §5.11: what a key of small order leads to is refused.
        throw new TlsFatalAlert(AlertDescription.handshake_failure);
      }
      return crypto.createSecret(secret);
    }
  }
}
