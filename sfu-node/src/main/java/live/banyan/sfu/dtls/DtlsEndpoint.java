package live.banyan.sfu.dtls;

import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import live.banyan.sfu.srtp.NativeCurves;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * One certificate, its limits and counters: makes the associations that present it. Safe from any
 * thread.
 */
public final class DtlsEndpoint {
  private final DtlsIdentity identity;
  private final DtlsLimits limits;
  private final DtlsCounters counters = new DtlsCounters();
  private final DtlsCrypto crypto;
  private final Certificate chain;
  private final TlsSigner signer;
  private final Semaphore computing;

  /** An endpoint with its own bounds; {@code random} seeds keys and nonces. */
  public DtlsEndpoint(DtlsIdentity identity, DtlsLimits limits, SecureRandom random) {
    this(identity, limits, random, NativeCurves.available().orElse(null));
  }

  /** With a say in who computes; null for Bouncy Castle alone. */
  DtlsEndpoint(
      DtlsIdentity identity,
      DtlsLimits limits,
      SecureRandom random,
      @Nullable NativeCurves curves) {
    this.identity = identity;
    this.limits = limits;
    this.crypto = new DtlsCrypto(random, curves);
    this.computing = new Semaphore(limits.computing());
    try {
      this.chain =
          new Certificate(
              new TlsCertificate[] {crypto.createCertificate(identity.certificateDer())});
      this.signer = crypto.signer(identity.privateKey());
    } catch (java.io.IOException e) {
      throw new IllegalStateException("our own certificate or key does not parse", e);
    }
  }

  /**
   * The end that waits for a ClientHello ({@code setup:passive}). The handshake begins with the
   * first datagram offered.
   *
   * @param expected the peer's certificate, as signalling named it
   * @param network takes each datagram to send; called on virtual threads, must not block long
   */
  public DtlsAssociation server(
      DtlsFingerprint expected, Consumer<byte[]> network, DtlsListener listener) {
    return new DtlsAssociation(this, false, expected, network, listener);
  }

  /**
   * The end that sends the ClientHello ({@code setup:active}), once {@link DtlsAssociation#start}
   * is called.
   */
  public DtlsAssociation client(
      DtlsFingerprint expected, Consumer<byte[]> network, DtlsListener listener) {
    return new DtlsAssociation(this, true, expected, network, listener);
  }

  public DtlsIdentity identity() {
    return identity;
  }

  public DtlsCounters counters() {
    return counters;
  }

  DtlsLimits limits() {
    return limits;
  }

  BcTlsCrypto crypto() {
    return crypto;
  }

  TlsSigner signer() {
    return signer;
  }

  Certificate chain() {
    return chain;
  }

  Semaphore computing() {
    return computing;
  }
}
