package live.banyan.sfu.client;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.srtp.PacketCiphers;

/**
 * Does once in memory what a session will do, so that what is measured afterwards is the node and
 * not the loading of our own classes: a handshake with itself, a sealed and opened packet, an
 * offer.
 */
final class WarmUp {
  private static final int SECONDS_MAX = 5;

  /** One end of the handshake. */
  private static final class Ear implements DtlsListener {
    final CompletableFuture<SrtpKeys> keys = new CompletableFuture<>();

    @Override
    public void onKeys(SrtpKeys agreed) {
      keys.complete(agreed);
    }

    @Override
    public void onApplicationData(byte[] data) {}

    @Override
    public void onClosed(Ending ending) {
      keys.cancel(false);
    }
  }

  private WarmUp() {}

  static void run(ClientHost host) throws InterruptedException {
    DtlsEndpoint end = host.dtls();
    OfferWriter.watch(IceCredentials.generate(host.random()), end.identity().fingerprint(), 1);
    Ear serverEar = new Ear();
    Ear clientEar = new Ear();
    AtomicReference<DtlsAssociation> answered = new AtomicReference<>();
    DtlsAssociation server =
        end.server(
            end.identity().fingerprint(),
            datagram -> {
              DtlsAssociation to = answered.get();
              if (to != null) {
                to.offer(datagram);
              }
            },
            serverEar);
    DtlsAssociation client = end.client(end.identity().fingerprint(), server::offer, clientEar);
    answered.set(client);
    try {
      client.start();
      exchange(
          serverEar.keys.get(SECONDS_MAX, TimeUnit.SECONDS),
          clientEar.keys.get(SECONDS_MAX, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException | java.util.concurrent.CancellationException e) {
      // Only time is lost: the session itself will tell what is wrong.
    } finally {
      server.close();
      client.close();
    }
  }

  private static void exchange(SrtpKeys one, SrtpKeys other) {
    try (PacketCipher sealer = PacketCiphers.create(one);
        PacketCipher opener = PacketCiphers.create(other);
        Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(256);
      MemorySegment payload = arena.allocate(100);
      RtpHeader.write(packet, 0, true, 96, 1, 1, 1);
      int sealed = sealer.protectRtp(1, packet, 0, RtpHeader.FIXED_LENGTH, payload, 0, 100);
      opener.unprotectRtp(packet, 0, sealed);
    }
  }
}
