package live.banyan.node.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.dtls.DtlsAssociation;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.ice.IceController;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.PacketSink;
import live.banyan.sfu.packet.SrtpKeys;

/**
 * What strangers send: real connectivity checks, half of them for a session that is there but
 * signed with another password, half for sessions that are not; and real ClientHellos.
 *
 * @param checks in no order; {@code hellos} likewise
 */
record HostileDatagrams(List<byte[]> checks, List<byte[]> hellos) {
  /** Different ones of a kind: no cache shall help the node. */
  private static final int VARIANTS = 256;

  private static final int PATIENCE_SECONDS = 10;

  static HostileDatagrams make(String iceUsername) throws IOException, InterruptedException {
    SecureRandom random = new SecureRandom();
    String[] fragments = iceUsername.split(":");
    String password = IceCredentials.generate(random).password();
    List<byte[]> checks = new ArrayList<>();
    for (int i = 0; i < VARIANTS; i++) {
      IceCredentials stranger = IceCredentials.generate(random);
      checks.add(check(new IceCredentials(fragments[1], password), fragments[0], random));
      checks.add(check(stranger, stranger.ufrag(), random));
    }
    List<byte[]> hellos = new ArrayList<>();
    DtlsEndpoint endpoint =
        new DtlsEndpoint(DtlsIdentity.generate(random), DtlsLimits.defaults(), random);
    for (int i = 0; i < VARIANTS / 8; i++) {
      hellos.add(hello(endpoint));
    }
    return new HostileDatagrams(checks, hellos);
  }

  /** A check of one's own, under a name of theirs and with a password that is a guess. */
  private static byte[] check(IceCredentials ours, String theirs, SecureRandom random) {
    IceController controller =
        new IceController(
            ours,
            new IceCredentials(theirs, ours.password()),
            IceController.Nomination.AGGRESSIVE,
            random,
            0);
    controller.addRemoteCandidate(0, 1, 1, 1, 0);
    Kept kept = new Kept();
    controller.poll(0, kept);
    return kept.datagram;
  }

  private static byte[] hello(DtlsEndpoint endpoint) throws IOException, InterruptedException {
    BlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
    DtlsAssociation client =
        endpoint.client(endpoint.identity().fingerprint(), sent::add, new Silence());
    client.start();
    byte[] hello = sent.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    client.close();
    if (hello == null) {
      throw new IOException("no ClientHello within " + PATIENCE_SECONDS + " s");
    }
    return hello;
  }

  /** Keeps the last datagram. */
  private static final class Kept implements PacketSink {
    private final MemorySegment memory = Arena.ofAuto().allocate(2_048);
    byte[] datagram = {};

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public long claim(long addressHigh, long addressLow, int port, int maxLength) {
      return 0;
    }

    @Override
    public void commit(int length) {
      datagram = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void flush() {}
  }

  private static final class Silence implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {}

    @Override
    public void onApplicationData(byte[] data) {}

    @Override
    public void onClosed(Ending ending) {}
  }
}
