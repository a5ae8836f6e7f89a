package live.banyan.signaling.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.sdp.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @Test
  void whipWorksOverTlsAndHttp2(@TempDir Path directory) throws Exception {
    KeyStore keys = selfSigned(directory);
    Path certificate = pem(directory, "CERTIFICATE", keys.getCertificate("x").getEncoded());
    Path key = pem(directory, "PRIVATE KEY", keys.getKey("x", PASSWORD).getEncoded());
    SignalingConfig config =
        new SignalingConfig(
            "127.0.0.1",
            0,
            new SignalingConfig.Tls(certificate, key),
            List.of(),
            128 * 1024,
            2_000,
            2_000,
            0,
            1,
            10,
            10,
            10,
            List.of(),
            false);
    Vertx vertx = Vertx.vertx();
    HttpClient client = HttpClient.newBuilder().sslContext(trusting(keys)).build();
    try {
      SignalingServer server =
          SignalingServer.start(
                  vertx,
                  config,
                  new SignalingServer.Parts(
                      new FakeMediaPlane(),
                      new FakeDirectory(),
                      Access.open(),
                      new PrometheusRegistry(),
                      () -> true,
                      TlsTest.class.getClassLoader()))
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      URI whip = URI.create("https://127.0.0.1:" + server.port() + "/whip/a");
      HttpResponse<String> created = post(client, whip, Fixtures.text("chromium156_whip_sendonly"));
      assertEquals(HttpClient.Version.HTTP_2, created.version());
      assertEquals(201, created.statusCode());
      assertTrue(created.headers().firstValue("Strict-Transport-Security").isPresent());
      HttpResponse<String> huge = post(client, whip, "v".repeat(300_000));
      assertEquals(413, huge.statusCode());
    } finally {
      client.shutdownNow();
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static HttpResponse<String> post(HttpClient client, URI uri, String body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/sdp")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** A certificate for 127.0.0.1, made by the JDK's own tool. */
  private static KeyStore selfSigned(Path directory) throws Exception {
    Path file = directory.resolve("keys.p12");
    Process tool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "x",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(tool.getInputStream().readAllBytes(), "UTF-8");
    assertEquals(0, tool.waitFor(), said);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private static Path pem(Path directory, String kind, byte[] bytes) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    String text = "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    return Files.writeString(directory.resolve(kind.replace(' ', '-') + ".pem"), text);
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("x", keys.getCertificate("x"));
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
