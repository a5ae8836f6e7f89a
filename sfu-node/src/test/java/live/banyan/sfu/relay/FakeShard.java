package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardEvent;

/**
 * As much of a shard as links need, over a real loopback socket: STUN by user fragment and by
 * address, DTLS only from the selected address.
 */
final class FakeShard implements Consumer<ShardCommand>, AutoCloseable {
  private final DatagramSocket socket;
  private final Map<String, Long> byUfrag = new ConcurrentHashMap<>();
  private final Map<InetSocketAddress, Long> checked = new ConcurrentHashMap<>();
  private final Map<InetSocketAddress, Long> selected = new ConcurrentHashMap<>();
  private final Map<Long, InetSocketAddress> paths = new ConcurrentHashMap<>();
  final Map<Long, PacketCipher> ciphers = new ConcurrentHashMap<>();
  final Set<Long> open = ConcurrentHashMap.newKeySet();

  /** Every datagram is lost, both ways: the process is dead to the network. */
  volatile boolean dead;

  /** When media came last; by default none ever has. */
  volatile LongSupplier lastPacketNs;

  private volatile Consumer<ShardEvent> events = event -> {};
  private volatile double lossShare;
  private Random lossRandom = new Random(0);

  FakeShard() throws IOException {
    long openedNs = System.nanoTime();
    lastPacketNs = () -> openedNs;
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("fake-shard").start(this::receive);
  }

  String announced() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  void events(Consumer<ShardEvent> events) {
    this.events = events;
  }

  /** Loses a share of what arrives. */
  void lose(double share, long seed) {
    lossRandom = new Random(seed);
    lossShare = share;
  }

  @Override
  public void accept(ShardCommand command) {
    switch (command) {
      case ShardCommand.OpenLink link -> {
        open.add(link.transportId());
        byUfrag.put(link.local().ufrag(), link.transportId());
      }
      case ShardCommand.SendTo to -> {
        if (open.contains(to.transportId())) {
          InetSocketAddress address = address(to.addressHigh(), to.addressLow(), to.port());
          checked.put(address, to.transportId());
          send(to.datagram(), address);
        }
      }
      case ShardCommand.SelectLinkPath path -> {
        InetSocketAddress address = address(path.addressHigh(), path.addressLow(), path.port());
        selected.put(address, path.transportId());
        paths.put(path.transportId(), address);
      }
      case ShardCommand.Send send -> {
        InetSocketAddress address = paths.get(send.transportId());
        if (address != null) {
          send(send.datagram(), address);
        }
      }
      case ShardCommand.TellHeard tell -> tell.answer().accept(lastPacketNs.getAsLong());
      case ShardCommand.InstallCipher cipher -> ciphers.put(cipher.transportId(), cipher.cipher());
      case ShardCommand.CloseTransport close -> {
        long id = close.transportId();
        open.remove(id);
        paths.remove(id);
        byUfrag.values().remove(id);
        checked.values().remove(id);
        selected.values().remove(id);
        PacketCipher cipher = ciphers.remove(id);
        if (cipher != null) {
          cipher.close();
        }
      }
      default -> throw new AssertionError("not of links: " + command);
    }
  }

  PacketCipher cipher(long transportId) {
    return Objects.requireNonNull(ciphers.get(transportId), "no cipher was installed");
  }

  /** Hands a datagram to the link as if it had come from the network. */
  void inject(ShardEvent event) {
    events.accept(event);
  }

  @Override
  public void close() {
    socket.close();
  }

  private void receive() {
    byte[] buffer = new byte[2048];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (IOException e) {
        continue;
      }
      if (!dead && packet.getLength() > 0 && lossRandom.nextDouble() >= lossShare) {
        route(
            Arrays.copyOf(buffer, packet.getLength()),
            (InetSocketAddress) packet.getSocketAddress());
      }
    }
  }

  private void route(byte[] datagram, InetSocketAddress from) {
    if (datagram[0] < 4) {
      Long id = byUfrag.get(ufrag(datagram));
      Long transport = id == null ? checked.get(from) : id;
      if (transport != null) {
        events.accept(
            new ShardEvent.LinkStun(
                transport,
                datagram,
                Endpoint.high(from.getAddress()),
                Endpoint.low(from.getAddress()),
                from.getPort()));
      }
    } else {
      Long transport = selected.get(from);
      if (transport != null) {
        events.accept(new ShardEvent.Dtls(transport, datagram));
      }
    }
  }

  /** The part of USERNAME before the colon; empty without one. */
  private static String ufrag(byte[] stun) {
    for (int at = 20; at + 4 <= stun.length; ) {
      int type = (stun[at] & 0xff) << 8 | stun[at + 1] & 0xff;
      int length = (stun[at + 2] & 0xff) << 8 | stun[at + 3] & 0xff;
      if (type == 6 && stun[0] == 0) {
        return new String(stun, at + 4, length, StandardCharsets.UTF_8).split(":")[0];
      }
      at += 4 + (length + 3) / 4 * 4;
    }
    return "";
  }

  private void send(byte[] datagram, InetSocketAddress to) {
    if (dead) {
      return;
    }
    try {
      socket.send(new DatagramPacket(datagram, datagram.length, to));
    } catch (IOException e) {
      // Lost, like any datagram.
    }
  }

  private static InetSocketAddress address(long high, long low, int port) {
    return new InetSocketAddress(Endpoint.address(high, low), port);
  }
}
