package live.banyan.sfu.client;

import java.io.IOException;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;

/**
 * What sessions of one process share: one thread for their datagrams and timers, one DTLS
 * certificate, one HTTP client. Hundreds of viewers fit one host. Safe from any thread.
 */
public final class ClientHost implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final SecureRandom random = new SecureRandom();
  private final ClientLoop loop;
  private final DtlsEndpoint dtls;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;

  private ClientHost(ClientLoop loop) {
    this.loop = loop;
    this.dtls = new DtlsEndpoint(DtlsIdentity.generate(random), DtlsLimits.defaults(), random);
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .executor(executor)
            .build();
  }

  /** Starts the thread. */
  public static ClientHost open() throws IOException {
    return new ClientHost(new ClientLoop("client-loop"));
  }

  /**
   * Loads what sessions need, up to some seconds in a cold program: for whoever measures how long a
   * node takes.
   */
  public void warmUp() throws InterruptedException {
    WarmUp.run(this);
  }

  ClientLoop loop() {
    return loop;
  }

  DtlsEndpoint dtls() {
    return dtls;
  }

  HttpClient http() {
    return http;
  }

  SecureRandom random() {
    return random;
  }

  /** Ends all sessions without telling their nodes; close the sessions first to tell them. */
  @Override
  public void close() {
    loop.close();
    http.shutdownNow();
    executor.shutdownNow();
  }
}
