package live.banyan.sfu.dtls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;

/** The active end of a handshake. */
final class DtlsClientRole extends DefaultTlsClient {
  private final DtlsTerms terms;
  private final DtlsLimits limits;

  DtlsClientRole(DtlsEndpoint endpoint, DtlsTerms terms) {
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
    return DtlsTerms.clientSuites();
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's API
  protected Vector getSupportedGroups(Vector namedGroupRoles) {
    Vector<Integer> groups = new Vector<>();
    for (int group : DtlsTerms.groups()) {
      groups.add(group);
    }
    return groups;
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's API
  protected Vector getSupportedSignatureAlgorithms() {
    return DtlsTerms.peerSignatures();
  }

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
  @SuppressWarnings({"rawtypes", "unchecked"}) // Bouncy Castle's API
  public Hashtable getClientExtensions() throws IOException {
    Hashtable extensions = super.getClientExtensions();
    TlsSRTPUtils.addUseSRTPExtension(extensions, DtlsTerms.offeredProfiles());
    return extensions;
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's API
  public void processServerExtensions(Hashtable extensions) throws IOException {
    super.processServerExtensions(extensions);
    terms.choose(TlsSRTPUtils.getUseSRTPExtension(extensions));
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
        terms.checkPeer(certificate.getCertificate());
      }

      @Override
      public TlsCredentials getClientCredentials(CertificateRequest request) {
        return terms.credentials(context);
      }
    };
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    terms.export(context, true);
  }
}
