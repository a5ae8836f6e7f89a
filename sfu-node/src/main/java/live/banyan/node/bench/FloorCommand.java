package live.banyan.node.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.Callable;
import live.banyan.node.StandardInput;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.SocketAddresses;
import live.banyan.sfu.io.UdpOptions;
import live.banyan.sfu.io.UdpSockets;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.srtp.PacketCiphers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The floor of {@code bench forward}: the least that encrypts and sends the same packets. Collects
 * a frame's packets up to the marker bit, for 2 ms at most as the node does, then seals them for
 * each port in turn; with segmentation a frame is one send a port. Each broadcast has its own
 * ports, or all go to all ports as over links, and then leave together whatever frame they are of.
 * No transports, no rewriting, no state beside the ciphers.
 */
@Command(name = "floor", hidden = true)
final class FloorCommand implements Callable<Integer> {
  @Option(names = "--ports", split = ",", required = true)
  private int[] ports = {};

  @Option(names = "--plain")
  private boolean plain;

  @Option(names = "--streams", defaultValue = "1")
  private int streams;

  @Option(names = "--relayed")
  private boolean relayed;

  @Override
  public Integer call() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    DatagramIo io =
        UdpSockets.open(
            new InetSocketAddress(loopback, 0), UdpOptions.DEFAULT.withSegmentation(!plain));
    FloorFrame[] frames = new FloorFrame[relayed ? 1 : streams];
    int each = ports.length / frames.length;
    for (int i = 0; i < frames.length; i++) {
      PacketCipher[] ciphers = new PacketCipher[each];
      Arrays.setAll(ciphers, c -> cipher());
      frames[i] =
          new FloorFrame(
              ciphers, Arrays.copyOfRange(ports, i * each, (i + 1) * each), relayed ? streams : 1);
    }
    StandardInput.exitAtItsEnd();
    System.out.println(io.localAddress().getPort());
    System.out.flush();
    long high = SocketAddresses.high(loopback);
    long low = SocketAddresses.low(loopback);
    while (true) {
      turn(io, frames, high, low);
    }
  }

  private static void turn(DatagramIo io, FloorFrame[] frames, long high, long low) {
    long dueNs = Long.MAX_VALUE;
    for (FloorFrame frame : frames) {
      dueNs = Math.min(dueNs, frame.dueNs());
    }
    long waitNs = dueNs == Long.MAX_VALUE ? -1 : Math.max(0, dueNs - System.nanoTime());
    int received = io.receive(waitNs);
    long nowNs = System.nanoTime();
    for (int i = 0; i < received; i++) {
      int stream = RtpHeader.ssrc(io.receiveMemory(), io.offset(i)) - BurstSource.FIRST_SSRC;
      FloorFrame frame = frames[stream % frames.length];
      if (frame.collect(io.receiveMemory(), io.offset(i), io.length(i), nowNs)) {
        frame.send(io, high, low);
      }
    }
    for (FloorFrame frame : frames) {
      if (frame.dueNs() <= nowNs) {
        frame.send(io, high, low);
      }
    }
  }

  private static PacketCipher cipher() {
    SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
    byte[] key = new byte[profile.keyLength()];
    byte[] salt = new byte[profile.saltLength()];
    new SecureRandom().nextBytes(key);
    return PacketCiphers.create(new SrtpKeys(profile, key, salt, key, salt));
  }
}
