package live.banyan.sfu.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenSSL is what FFmpeg and GStreamer speak DTLS with. */
@Tag("system")
class OpensslInteropTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern KEYS = Pattern.compile("Keying material: ([0-9A-F]+)");

  private final DtlsEndpoint endpoint =
      new DtlsEndpoint(DtlsIdentity.generate(RANDOM), new DtlsLimits(10_000, 150, 32, 2), RANDOM);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  @BeforeAll
  static void needsOpenssl() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
  }

  @ParameterizedTest
  @CsvSource({
    "ec,SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM,AEAD_AES_128_GCM",
    "ec,SRTP_AES128_CM_SHA1_80,AES128_CM_SHA1_80",
    "rsa,SRTP_AEAD_AES_128_GCM,AEAD_AES_128_GCM"
  })
  void opensslClient(String keyType, String offered, SrtpProfile agreed) throws Exception {
    DtlsFingerprint fingerprint = certificate(keyType);
    DtlsWire.Heard heard = new DtlsWire.Heard();
    try (Udp udp = new Udp(new DatagramSocket(0, InetAddress.getLoopbackAddress()), null)) {
      DtlsAssociation server = endpoint.server(fingerprint, udp::send, heard);
      udp.deliverTo(server);
      Process client =
          openssl(
              "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + udp.port(), "-use_srtp", offered);
      check(client, heard, agreed, agreed.keyingMaterialLength(), false);
      server.close();
    }
  }

  @Test
  void opensslServerWithAnRsaCertificate() throws Exception {
    DtlsFingerprint fingerprint = certificate("rsa");
    int port;
    try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Process server =
        openssl(
            "s_server",
            "-dtls1_2",
            "-accept",
            "127.0.0.1:" + port,
            "-use_srtp",
            "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
            "-verify",
            "1");
    DtlsWire.Heard heard = new DtlsWire.Heard();
    SocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (Udp udp = new Udp(new DatagramSocket(0, InetAddress.getLoopbackAddress()), to)) {
      DtlsAssociation client = endpoint.client(fingerprint, udp::send, heard);
      udp.deliverTo(client);
      client.start();
      check(server, heard, SrtpProfile.AEAD_AES_128_GCM, 56, true);
      client.close();
    }
  }

  private void check(
      Process process, DtlsWire.Heard heard, SrtpProfile agreed, int bytes, boolean client)
      throws Exception {
    try {
      SrtpKeys keys = heard.keys.get(10, TimeUnit.SECONDS);
      assertEquals(agreed, keys.profile());
      byte[] material = HexFormat.of().parseHex(keyingMaterial(process.getInputStream()));
      assertEquals(bytes, material.length);
      byte[] clientKey = Arrays.copyOf(material, 16);
      assertArrayEquals(clientKey, client ? keys.localKey() : keys.remoteKey());
    } finally {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  private Process openssl(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-cert",
            directory.resolve("cert.pem").toString(),
            "-key",
            directory.resolve("key.pem").toString(),
            "-keymatexport",
            "EXTRACTOR-dtls_srtp",
            "-keymatexportlen",
            command.contains("SRTP_AES128_CM_SHA1_80") ? "60" : "56"));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String keyingMaterial(InputStream output) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[4096];
    for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
      text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      Matcher found = KEYS.matcher(text);
      if (found.find() && text.indexOf("\n", found.end()) >= 0) {
        return found.group(1);
      }
    }
    throw new AssertionError("openssl told no keys:\n" + text);
  }

  private DtlsFingerprint certificate(String keyType) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-subj",
                "/CN=peer",
                "-days",
                "2",
                "-keyout",
                directory.resolve("key.pem").toString(),
                "-out",
                directory.resolve("cert.pem").toString(),
                "-newkey"));
    command.addAll(
        keyType.equals("ec")
            ? List.of("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
            : List.of("rsa:2048"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor());
    byte[] pem = Files.readAllBytes(directory.resolve("cert.pem"));
    return DtlsFingerprint.sha256(
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem))
            .getEncoded());
  }

  /** A socket that answers whoever wrote last. */
  private static final class Udp implements AutoCloseable {
    private final DatagramSocket socket;
    private volatile SocketAddress peer;

    Udp(DatagramSocket socket, @org.jspecify.annotations.Nullable SocketAddress peer) {
      this.socket = socket;
      this.peer = peer == null ? socket.getLocalSocketAddress() : peer;
    }

    int port() {
      return socket.getLocalPort();
    }

    void deliverTo(DtlsAssociation association) {
      Thread.ofVirtual()
          .start(
              () -> {
                byte[] buffer = new byte[2048];
                try {
                  while (true) {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    peer = packet.getSocketAddress();
                    association.offer(Arrays.copyOf(buffer, packet.getLength()));
                  }
                } catch (IOException closed) {
                  // the test is over
                }
              });
    }

    void send(byte[] datagram) {
      try {
        socket.send(new DatagramPacket(datagram, datagram.length, peer));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
