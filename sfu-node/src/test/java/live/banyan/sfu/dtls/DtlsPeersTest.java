package live.banyan.sfu.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import live.banyan.sfu.dtls.DtlsListener.Ending;
import live.banyan.sfu.packet.SrtpProfile;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.UseSRTPData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Our passive end against clients unlike ours. */
class DtlsPeersTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final DtlsEndpoint end =
      new DtlsEndpoint(DtlsIdentity.generate(RANDOM), new DtlsLimits(5_000, 100, 32, 1), RANDOM);
  private final DtlsEndpoint clientEnd =
      new DtlsEndpoint(DtlsIdentity.generate(RANDOM), new DtlsLimits(5_000, 100, 32, 1), RANDOM);
  private final DtlsWire.Heard heard = new DtlsWire.Heard();
  private final Wire wire = new Wire();
  private final DtlsAssociation server =
      end.server(clientEnd.identity().fingerprint(), wire.toClient::add, heard);

  @AfterEach
  void close() {
    server.close();
  }

  /** The client's side of the wire, with a path as narrow as asked for. */
  private final class Wire implements DatagramTransport {
    final LinkedBlockingQueue<byte[]> toClient = new LinkedBlockingQueue<>();
    final AtomicInteger helloDatagrams = new AtomicInteger();
    int sendLimit = 1_200;

    @Override
    public int getReceiveLimit() {
      return 2_048;
    }

    @Override
    public int getSendLimit() {
      return sendLimit;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
      try {
        byte[] datagram = toClient.poll(Math.max(1, waitMillis), TimeUnit.MILLISECONDS);
        if (datagram == null) {
          return -1;
        }
        System.arraycopy(datagram, 0, buffer, offset, datagram.length);
        return datagram.length;
      } catch (InterruptedException e) {
        throw new java.io.InterruptedIOException();
      }
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {
      if (buffer[offset] == 22 && buffer[offset + 13] == 1) {
        helloDatagrams.incrementAndGet();
      }
      server.offer(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public void close() {}
  }

  /** A client whose offer a test chooses. */
  private final class Client extends DefaultTlsClient {
    private final int[] profiles;
    private final int[] suites;
    private final boolean extendedSecret;
    private final boolean shows;

    Client(int[] profiles, int[] suites, boolean extendedSecret, boolean shows) {
      super(clientEnd.crypto());
      this.profiles = profiles;
      this.suites = suites;
      this.extendedSecret = extendedSecret;
      this.shows = shows;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return suites;
    }

    @Override
    public boolean shouldUseExtendedMasterSecret() {
      return extendedSecret;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // Bouncy Castle's API
    public Hashtable getClientExtensions() throws IOException {
      Hashtable extensions = super.getClientExtensions();
      if (profiles.length > 0) {
        TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(profiles, new byte[0]));
      }
      return extensions;
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new TlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {}

        @Override
        public @Nullable TlsCredentials getClientCredentials(CertificateRequest request) {
          return shows
              ? new DtlsTerms(clientEnd, end.identity().fingerprint()).credentials(context)
              : null;
        }
      };
    }
  }

  private static final int[] GCM_SUITE = {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  private static final int[] ONLY_80 = {SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80};

  @Test
  void ourPreferenceDecidesTheProfile() throws Exception {
    int[] browsersOrder = {
      SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80,
      SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_32,
      SRTPProtectionProfile.SRTP_AEAD_AES_128_GCM,
      SRTPProtectionProfile.SRTP_AEAD_AES_256_GCM
    };
    connect(new Client(browsersOrder, GCM_SUITE, true, true));
    assertEquals(SrtpProfile.AEAD_AES_128_GCM, profile());
  }

  @Test
  void oldClientsGetCounterModeOverCbc() throws Exception {
    int[] cbc = {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA};
    connect(new Client(ONLY_80, cbc, true, true));
    assertEquals(SrtpProfile.AES128_CM_SHA1_80, profile());
  }

  @Test
  void aHelloInSeveralDatagramsIsPutTogether() throws Exception {
    wire.sendLimit = 110;
    connect(new Client(ONLY_80, GCM_SUITE, true, true));
    assertTrue(wire.helloDatagrams.get() >= 2);
    assertEquals(SrtpProfile.AES128_CM_SHA1_80, profile());
  }

  @Test
  void withoutACommonProfileThereAreNoKeys() throws Exception {
    int[] foreign = {SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_32};
    refused(new Client(foreign, GCM_SUITE, true, true), AlertDescription.handshake_failure);
    assertEquals(Ending.FAILED, heard.ending.get(5, TimeUnit.SECONDS));
    assertFalse(heard.keys.isDone());
    assertEquals(1, end.counters().failed());
  }

  @Test
  void withoutUseSrtpThereAreNoKeys() throws Exception {
    refused(new Client(new int[0], GCM_SUITE, true, true), AlertDescription.handshake_failure);
    assertEquals(Ending.FAILED, heard.ending.get(5, TimeUnit.SECONDS));
  }

  @Test
  void withoutExtendedMasterSecretThereAreNoKeys() throws Exception {
    refused(new Client(ONLY_80, GCM_SUITE, false, true), AlertDescription.handshake_failure);
    assertEquals(Ending.FAILED, heard.ending.get(5, TimeUnit.SECONDS));
  }

  @Test
  void aClientWithoutACertificateIsAStranger() throws Exception {
    refused(new Client(ONLY_80, GCM_SUITE, true, false), AlertDescription.bad_certificate);
    assertEquals(Ending.WRONG_FINGERPRINT, heard.ending.get(5, TimeUnit.SECONDS));
    assertFalse(heard.keys.isDone());
  }

  private void connect(Client client) throws IOException {
    new DTLSClientProtocol().connect(client, wire);
  }

  private void refused(Client client, short alert) {
    TlsFatalAlertReceived received =
        assertThrows(TlsFatalAlertReceived.class, () -> connect(client));
    assertEquals(alert, received.getAlertDescription());
  }

  private SrtpProfile profile() throws Exception {
    return heard.keys.get(5, TimeUnit.SECONDS).profile();
  }
}
