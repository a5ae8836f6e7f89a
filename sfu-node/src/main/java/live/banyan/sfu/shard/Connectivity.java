package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import live.banyan.sfu.ice.IceLite;
import live.banyan.sfu.ice.StunIntegrity;
import live.banyan.sfu.ice.StunMessage;
import live.banyan.sfu.ice.StunWriter;
import live.banyan.sfu.media.PacketCache;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketSink;
import org.jspecify.annotations.Nullable;

/**
 * Which address belongs to which transport: answers clients' checks and passes those of links on.
 * Not thread safe.
 */
final class Connectivity {
  private static final int STUN_MAX = 768;

  /**
   * Errors that are answered to whoever has not signed, a second: enough to tell a client with a
   * mistake, too few to cost anything, or to be of use against somebody else's address.
   */
  private static final int ERRORS_PER_SECOND = 100;

  private static final long SECOND_NS = 1_000_000_000L;

  // Type, version, epoch, sequence number, length; versions 1.0 and 1.2 are 0xFEFF and 0xFEFD.
  private static final int DTLS_HEADER = 13;
  private static final int DTLS_MAJOR = 0xFE;

  private final PacketSink sink;
  private final Neighbours neighbours;
  private final ShardCounters counters;
  private final Consumer<ShardEvent> events;
  private final AddressTable<Transport> addresses = new AddressTable<>();

  /** By key of the fragment, with no port: looked up for each check, so without an object. */
  private final AddressTable<Transport> byUfrag = new AddressTable<>();

  private final StunMessage message = new StunMessage();
  private final StunWriter response = new StunWriter();
  private long errorsSinceNs;
  private int errors;

  Connectivity(
      PacketSink sink, Neighbours neighbours, ShardCounters counters, Consumer<ShardEvent> events) {
    this.sink = sink;
    this.neighbours = neighbours;
    this.counters = counters;
    this.events = events;
  }

  AddressTable<Transport> addresses() {
    return addresses;
  }

  /** Lets a transport be found by its user fragment. @return false where that is taken */
  boolean register(long ufragKey, Transport transport) {
    return byUfrag.get(0, ufragKey, 0) == null && byUfrag.put(0, ufragKey, 0, transport) == null;
  }

  void unregister(long ufragKey, Transport transport) {
    byUfrag.remove(0, ufragKey, 0, transport);
  }

  /** Forgets all fragments of a transport. */
  void unregister(Transport transport) {
    IceLite agent = transport.ice;
    IceLite next = transport.nextIce;
    if (agent != null) {
      unregister(agent.localUfragKey(), transport);
    }
    if (next != null) {
      unregister(next.localUfragKey(), transport);
    }
    if (transport.link) {
      unregister(transport.linkUfragKey, transport);
    }
  }

  /**
   * Takes in a STUN datagram.
   *
   * @param known the transport that has this address, or null
   */
  void onStun(
      @Nullable Transport known,
      MemorySegment memory,
      long offset,
      int length,
      long high,
      long low,
      int port,
      long nowNs) {
    counters.add(ShardCounter.STUN_IN, 1);
    if (!message.parse(memory, offset, length)) {
      counters.drop(DropReason.STUN_MALFORMED);
      return;
    }
    if (!message.isRequest()) {
      if (known != null && known.link) {
        emitLinkStun(known, memory, offset, length, high, low, port);
      } else if (known == null && neighbours.handOver(memory, offset, length, high, low, port)) {
        return;
      } else if (!message.isIndication() || known == null) {
        counters.drop(DropReason.STUN_UNKNOWN_USER);
      }
      return;
    }
    Transport transport = byUfrag.get(0, message.localUfragKey(), 0);
    if (transport == null) {
      long key = message.localUfragKey();
      if (!neighbours.handOverCheck(key, memory, offset, length, high, low, port)) {
        counters.drop(DropReason.STUN_UNKNOWN_USER);
      }
    } else if (transport.link) {
      StunIntegrity integrity = transport.linkIntegrity;
      if (integrity != null && integrity.verifies(message)) {
        emitLinkStun(transport, memory, offset, length, high, low, port);
      } else {
        counters.drop(DropReason.STUN_FORGED);
      }
    } else {
      onCheck(transport, high, low, port, nowNs);
    }
  }

  private void emitLinkStun(
      Transport link,
      MemorySegment memory,
      long offset,
      int length,
      long high,
      long low,
      int port) {
    byte[] datagram = copy(memory, offset, length);
    events.accept(new ShardEvent.LinkStun(link.id, datagram, high, low, port));
  }

  private void onCheck(Transport transport, long high, long low, int port, long nowNs) {
    IceLite agent = transport.ice;
    IceLite next = transport.nextIce;
    boolean restarted = next != null && next.localUfragKey() == message.localUfragKey();
    IceLite answering = restarted ? next : agent;
    if (answering == null) {
      counters.drop(DropReason.STUN_UNKNOWN_USER);
      return;
    }
    IceLite.Outcome outcome = answering.answer(message, response, high, low, port);
    boolean forged = !outcome.authenticated();
    if (forged) {
      counters.drop(DropReason.STUN_FORGED);
    }
    if (response.length() > 0 && (!forged || tellsError(nowNs))) {
      long at = sink.claim(high, low, port, STUN_MAX);
      response.copyTo(sink.memory(), at);
      sink.commit(response.length());
    }
    boolean nominates = outcome == IceLite.Outcome.NOMINATED;
    if (!nominates && outcome != IceLite.Outcome.ACCEPTED) {
      return;
    }
    transport.lastAuthenticatedNs = nowNs;
    if (addresses.get(high, low, port) == transport) {
      neighbours.claimFromOrigin(high, low, port);
    } else {
      // Where the kernel delivers what comes from there changes when a further socket joins the
      // port.
      neighbours.claim(high, low, port);
    }
    if (restarted && nominates) {
      finishRestart(transport);
    } else if (restarted) {
      // The old pair carries the media until the new one is nominated (RFC 8445 §9).
      transport.addAddress(addresses, high, low, port);
      return;
    }
    transport.addAddress(addresses, high, low, port);
    transport.onValid(nominates, high, low, port);
    if (nominates && !transport.connectedTold) {
      transport.connectedTold = true;
      events.accept(new ShardEvent.TransportConnected(transport.id));
    }
  }

  private boolean tellsError(long nowNs) {
    if (errors == 0 || nowNs - errorsSinceNs >= SECOND_NS) {
      errorsSinceNs = nowNs;
      errors = 0;
    }
    if (errors == ERRORS_PER_SECOND) {
      counters.add(ShardCounter.STUN_ERRORS_UNSAID, 1);
      return false;
    }
    errors++;
    return true;
  }

  /** Another shard's transport has proved that this address is its. */
  void claimed(int by, long high, long low, int port) {
    Transport before = addresses.get(high, low, port);
    if (before != null) {
      before.lose(addresses, high, low, port);
    }
    neighbours.claimed(by, high, low, port);
  }

  private void finishRestart(Transport transport) {
    IceLite old = transport.ice;
    if (old != null) {
      byUfrag.remove(0, old.localUfragKey(), 0, transport);
    }
    transport.ice = transport.nextIce;
    transport.nextIce = null;
  }

  /** Hands a DTLS datagram on; its sender's address has passed a check. */
  void onDtls(Transport transport, MemorySegment memory, long offset, int length) {
    if (!areDtlsRecords(memory, offset, length)) {
      counters.drop(DropReason.DTLS_MALFORMED);
      return;
    }
    counters.add(ShardCounter.DTLS_IN, 1);
    events.accept(new ShardEvent.Dtls(transport.id, copy(memory, offset, length)));
  }

  /** Whether a datagram holds whole records, and nothing else (RFC 6347 §4.1). */
  private static boolean areDtlsRecords(MemorySegment memory, long offset, int length) {
    int at = 0;
    while (length - at >= DTLS_HEADER) {
      if (NetworkOrder.u8(memory, offset + at + 1) != DTLS_MAJOR) {
        return false;
      }
      at += DTLS_HEADER + NetworkOrder.u16(memory, offset + at + 11);
    }
    return at == length;
  }

  private static byte[] copy(MemorySegment memory, long offset, int length) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    return bytes;
  }

  /** Sends bytes to the transport's selected address. */
  void send(Transport transport, byte[] datagram) {
    if (!transport.hasPath()) {
      counters.add(ShardCounter.SENDS_WITHOUT_PATH, 1);
      return;
    }
    sendTo(datagram, transport.addressHigh(), transport.addressLow(), transport.port());
  }

  /** Sends a datagram of a link's ICE; answers from there will be passed on. */
  void sendStun(Transport link, byte[] datagram, long high, long low, int port) {
    Transport owner = addresses.get(high, low, port);
    // A node that restarts comes back from the same address: its newer link takes over.
    if (owner == null || owner.link && owner.openedNs <= link.openedNs) {
      link.addAddress(addresses, high, low, port);
      neighbours.claim(high, low, port);
    }
    sendTo(datagram, high, low, port);
  }

  private void sendTo(byte[] datagram, long high, long low, int port) {
    if (datagram.length > PacketCache.SLOT_BYTES) {
      counters.drop(DropReason.MTU);
      return;
    }
    long at = sink.claim(high, low, port, datagram.length);
    MemorySegment.copy(datagram, 0, sink.memory(), ValueLayout.JAVA_BYTE, at, datagram.length);
    sink.commit(datagram.length);
  }
}
