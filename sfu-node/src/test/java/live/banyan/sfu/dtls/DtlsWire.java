package live.banyan.sfu.dtls;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import live.banyan.sfu.packet.SrtpKeys;

/** One direction between two associations: loses, repeats and reorders by seed; keeps all sent. */
final class DtlsWire implements Consumer<byte[]> {
  private final Random random;
  private final double trouble;
  private final List<byte[]> held = new ArrayList<>();
  final List<byte[]> sent = new ArrayList<>();
  private Consumer<byte[]> to = datagram -> {};

  DtlsWire(long seed, double trouble) {
    this.random = new Random(seed);
    this.trouble = trouble;
  }

  void connect(DtlsAssociation peer) {
    to = peer::offer;
  }

  @Override
  public void accept(byte[] datagram) {
    List<byte[]> now = new ArrayList<>();
    synchronized (this) {
      sent.add(datagram);
      if (random.nextDouble() < trouble) {
        return;
      }
      now.add(datagram);
      if (random.nextDouble() < trouble) {
        now.add(datagram.clone());
      }
      if (random.nextDouble() < trouble) {
        held.add(now.removeFirst());
      } else if (!held.isEmpty()) {
        now.addAll(held);
        held.clear();
      }
    }
    now.forEach(to);
  }

  /** What one end heard. */
  static final class Heard implements DtlsListener {
    final CompletableFuture<SrtpKeys> keys = new CompletableFuture<>();
    final LinkedBlockingQueue<byte[]> data = new LinkedBlockingQueue<>();
    final CompletableFuture<Ending> ending = new CompletableFuture<>();

    @Override
    public void onKeys(SrtpKeys agreed) {
      keys.complete(agreed);
    }

    @Override
    public void onApplicationData(byte[] message) {
      data.add(message);
    }

    @Override
    public void onClosed(Ending how) {
      if (!ending.complete(how)) {
        throw new AssertionError("ended twice");
      }
    }
  }
}
