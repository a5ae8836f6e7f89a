package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.congestion.ReceiverEstimate;
import live.banyan.sfu.congestion.TwccArrivals;
import live.banyan.sfu.ice.IceLite;
import live.banyan.sfu.ice.StunIntegrity;
import live.banyan.sfu.media.Outlet;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.packet.PacketCipher;
import org.jspecify.annotations.Nullable;

/**
 * One association as a shard holds it: validated addresses, the cipher, what it sends us and what
 * we send it. Not thread safe.
 */
final class Transport implements Outlet {
  /** Addresses that one transport may have validated at once; the oldest unselected one goes. */
  static final int ADDRESSES_MAX = 8;

  /** Addresses that a link's ICE may be probing at once. */
  static final int LINK_ADDRESSES_MAX = 64;

  /** SSRCs that one transport may bring or be sent, RTX included. */
  static final int SSRCS_MAX = 4_096;

  /** Tracks that one transport may feed. */
  static final int SOURCES_MAX = 1_024;

  final long id;
  final boolean link;
  final int localSsrc;
  final long openedNs;
  // A link has a ufrag key and a MAC; a client has one agent, or two while ICE restarts.
  @Nullable IceLite ice;
  @Nullable IceLite nextIce;
  long linkUfragKey;
  @Nullable StunIntegrity linkIntegrity;

  private final long[] highs;
  private final long[] lows;
  private final int[] ports;
  private int addressCount;

  private boolean selected;
  private boolean nominated;
  private long selectedHigh;
  private long selectedLow;
  private int selectedPort;
  boolean connectedTold;
  long lastAuthenticatedNs;

  private @Nullable PacketCipher cipher;
  private @Nullable CongestionControl congestion;

  /** Received SSRCs. */
  final SsrcTable<SourceStream> streams = new SsrcTable<>(SSRCS_MAX);

  final List<Source> sources = new ArrayList<>();

  /** Sent SSRCs, RTX included. */
  final SsrcTable<Subscription> outgoing = new SsrcTable<>(SSRCS_MAX);

  final List<OpenSubscription> subscriptions = new ArrayList<>();

  /** Came before the keys; null while nothing waits. */
  @Nullable HeldPackets sealed;

  /** Came before the sources of their SSRCs; null while nothing waits. */
  @Nullable HeldPackets opened;

  final FormerSsrcs formerSsrcs = new FormerSsrcs();

  @Nullable TwccArrivals twcc;
  int twccExtensionId;

  /** Of a sender that wants REMB; used while it takes no feedback of arrivals. */
  @Nullable ReceiverEstimate uplink;

  int sendTimeId;
  final ReferenceTimes references = new ReferenceTimes();
  int twccMediaSsrc;
  long nextReportNs;

  /** When what the path bears was divided last. */
  long dividedNs;

  /** What it was thought to bear then. */
  long dividedBps;

  /** Whether its path is among those that {@link Trials} serves. */
  boolean tried;

  int fullIntraCommand;
  boolean closed;

  Transport(long id, boolean link, int localSsrc, long nowNs) {
    this.id = id;
    this.link = link;
    this.localSsrc = localSsrc;
    openedNs = nowNs;
    lastAuthenticatedNs = nowNs;
    dividedNs = nowNs;
    int bound = link ? LINK_ADDRESSES_MAX : ADDRESSES_MAX;
    highs = new long[bound];
    lows = new long[bound];
    ports = new int[bound];
  }

  @Override
  public @Nullable PacketCipher cipher() {
    return selected ? cipher : null;
  }

  /** What unseals packets, whether or not an address is selected; null before the handshake. */
  @Nullable PacketCipher incomingCipher() {
    return cipher;
  }

  void install(PacketCipher installed) {
    PacketCipher before = cipher;
    if (before != null) {
      before.close();
    }
    cipher = installed;
  }

  @Override
  public long addressHigh() {
    return selectedHigh;
  }

  @Override
  public long addressLow() {
    return selectedLow;
  }

  @Override
  public int port() {
    return selectedPort;
  }

  @Override
  public @Nullable CongestionControl congestion() {
    return congestion;
  }

  /** Begins to estimate the path, unless that goes on already. */
  CongestionControl estimate(long startBps) {
    CongestionControl known = congestion;
    if (known == null) {
      known = new CongestionControl(startBps);
      congestion = known;
    }
    return known;
  }

  boolean hasPath() {
    return selected;
  }

  int addressCount() {
    return addressCount;
  }

  /** Lists a validated address, over the oldest unselected one when there are too many. */
  void addAddress(AddressTable<Transport> table, long high, long low, int port) {
    Transport before = table.put(high, low, port, this);
    if (before == this) {
      return;
    }
    if (before != null) {
      before.forget(high, low, port);
    }
    if (addressCount == highs.length) {
      int oldest = isSelected(highs[0], lows[0], ports[0]) ? 1 : 0;
      table.remove(highs[oldest], lows[oldest], ports[oldest], this);
      removeAt(oldest);
    }
    highs[addressCount] = high;
    lows[addressCount] = low;
    ports[addressCount] = port;
    addressCount++;
  }

  /** Gives up an address that somebody else has proved to be at. */
  void lose(AddressTable<Transport> table, long high, long low, int port) {
    table.remove(high, low, port, this);
    forget(high, low, port);
  }

  private void forget(long high, long low, int port) {
    for (int i = 0; i < addressCount; i++) {
      if (highs[i] == high && lows[i] == low && ports[i] == port) {
        removeAt(i);
        break;
      }
    }
    if (isSelected(high, low, port)) {
      selected = false;
      nominated = false;
    }
  }

  private void removeAt(int i) {
    addressCount--;
    System.arraycopy(highs, i + 1, highs, i, addressCount - i);
    System.arraycopy(lows, i + 1, lows, i, addressCount - i);
    System.arraycopy(ports, i + 1, ports, i, addressCount - i);
  }

  void dropAddresses(AddressTable<Transport> table) {
    for (int i = 0; i < addressCount; i++) {
      table.remove(highs[i], lows[i], ports[i], this);
    }
    addressCount = 0;
    selected = false;
  }

  private boolean isSelected(long high, long low, int port) {
    return selected && selectedLow == low && selectedHigh == high && selectedPort == port;
  }

  /**
   * A check from this address succeeded: a nominated address is used from now on, another only
   * until one is nominated (RFC 8445 §12.1 lets a lite agent send on valid pairs).
   */
  void onValid(boolean nominates, long high, long low, int port) {
    if (nominates || !nominated) {
      select(high, low, port);
      nominated |= nominates;
    }
  }

  void select(long high, long low, int port) {
    selected = true;
    selectedHigh = high;
    selectedLow = low;
    selectedPort = port;
  }

  /** A subscription with what its sender reports need. */
  record OpenSubscription(Subscription subscription, byte[] cname) {}

  void close(AddressTable<Transport> table) {
    closed = true;
    dropAddresses(table);
    PacketCipher installed = cipher;
    cipher = null;
    if (installed != null) {
      installed.close();
    }
  }
}
