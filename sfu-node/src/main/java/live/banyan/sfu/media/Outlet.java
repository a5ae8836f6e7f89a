package live.banyan.sfu.media;

import live.banyan.sfu.congestion.CongestionControl;
import live.banyan.sfu.packet.PacketCipher;
import org.jspecify.annotations.Nullable;

/** The way out to one subscriber's transport. */
public interface Outlet {
  /** Seals what leaves; null until the handshake is done, or no address is known to work. */
  @Nullable PacketCipher cipher();

  /** Upper half of the selected IPv6 or IPv4-mapped address. */
  long addressHigh();

  /** Lower half of the selected address. */
  long addressLow();

  int port();

  /** What is known of the path; null where the far end reports no arrivals. */
  @Nullable CongestionControl congestion();
}
