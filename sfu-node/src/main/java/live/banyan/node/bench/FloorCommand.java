package live.banyan.node.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
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
 * a frame's packets up to the marker bit, then seals them for each port in turn; with segmentation
 * a frame is one send a port. No transports, no rewriting, no state beside the ciphers.
 */
@Command(name = "floor", hidden = true)
final class FloorCommand implements Callable<Integer> {
  private static final int FRAME_PACKETS_MAX = 48;

  @Option(names = "--ports", split = ",", required = true)
  private int[] ports = {};

  @Option(names = "--plain")
  private boolean plain;

  private final MemorySegment frame =
      Arena.global().allocate((long) FRAME_PACKETS_MAX * DatagramIo.SLOT_BYTES, 64);
  private final int[] lengths = new int[FRAME_PACKETS_MAX];
  private int count;
  private long highest = -1;

  @Override
  public Integer call() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    DatagramIo io =
        UdpSockets.open(
            new InetSocketAddress(loopback, 0), UdpOptions.DEFAULT.withSegmentation(!plain));
    PacketCipher[] ciphers = new PacketCipher[ports.length];
    for (int i = 0; i < ciphers.length; i++) {
      ciphers[i] = cipher();
    }
    StandardInput.exitAtItsEnd();
    System.out.println(io.localAddress().getPort());
    System.out.flush();
    long high = SocketAddresses.high(loopback);
    long low = SocketAddresses.low(loopback);
    while (true) {
      int received = io.receive(-1);
      for (int i = 0; i < received; i++) {
        if (collect(io.receiveMemory(), io.offset(i), io.length(i))) {
          send(io, ciphers, high, low);
        }
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

  /** Keeps a packet. @return whether it ends a frame */
  private boolean collect(MemorySegment memory, long offset, int length) {
    MemorySegment.copy(memory, offset, frame, at(count), length);
    lengths[count++] = length;
    return RtpHeader.marker(memory, offset) || count == FRAME_PACKETS_MAX;
  }

  private void send(DatagramIo io, PacketCipher[] ciphers, long high, long low) {
    for (int p = 0; p < ports.length; p++) {
      for (int i = 0; i < count; i++) {
        int header = RtpHeader.check(frame, at(i), lengths[i]);
        int room = lengths[i] + PacketCipher.MAX_OVERHEAD;
        long to = io.claim(high, low, ports[p], room);
        MemorySegment.copy(frame, at(i), io.memory(), to, header);
        io.commit(
            ciphers[p].protectRtp(
                highest + 1 + i,
                io.memory(),
                to,
                header,
                frame,
                at(i) + header,
                lengths[i] - header));
      }
    }
    io.flush();
    highest += count;
    count = 0;
  }

  private static long at(int packet) {
    return (long) packet * DatagramIo.SLOT_BYTES;
  }
}
