package live.banyan.sfu.dtls;

import java.io.IOException;
import java.util.Hashtable;
import live.banyan.sfu.packet.SrtpProfile;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.jspecify.annotations.Nullable;

/** The passive end of a handshake. Demands the client's certificate: WebRTC knows no other peer. */
final class DtlsServerRole extends DefaultTlsServer {
  private final DtlsTerms terms;
  private final DtlsLimits limits;
  private @Nullable SrtpProfile profile;

  DtlsServerRole(DtlsEndpoint endpoint, DtlsTerms terms) {
    super(endpoint.crypto());
    this.terms = terms;
    this.limits = endpoint.limits();
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return DtlsTerms.serverSuites();
  }

  @Override
  protected boolean preferLocalCipherSuites() {
    return true;
  }

  @Override
  public int[] getSupportedGroups() {
    return DtlsTerms.groups();
  }

  /** Without it the exporter's keys would not be bound to this handshake (RFC 7627 §5.4). */
  @Override
  public boolean requiresExtendedMasterSecret() {
    return true;
  }

  @Override
  public int getHandshakeTimeoutMillis() {
    return limits.handshakeTimeoutMs();
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return limits.resendMs();
  }

  @Override
  public TlsCredentials getCredentials() {
    return terms.credentials(context);
  }

  @Override
  public CertificateRequest getCertificateRequest() {
    return new CertificateRequest(
        new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
        DtlsTerms.peerSignatures(),
        null);
  }

  @Override
  public void notifyClientCertificate(Certificate certificate) throws IOException {
    terms.checkPeer(certificate);
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's API
  public void processClientExtensions(Hashtable extensions) throws IOException {
    super.processClientExtensions(extensions);
    profile = terms.choose(TlsSRTPUtils.getUseSRTPExtension(extensions));
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // Bouncy Castle's API
  public Hashtable getServerExtensions() throws IOException {
    Hashtable extensions = super.getServerExtensions();
    if (profile != null) {
      TlsSRTPUtils.addUseSRTPExtension(
          extensions, new UseSRTPData(new int[] {profile.id()}, TlsUtils.EMPTY_BYTES));
    }
    return extensions;
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    terms.export(context, false);
  }
}
