package live.banyan.signaling.sdp;

import java.util.Optional;

/**
 * A candidate line (RFC 8839 §5.1) without its extensions.
 *
 * @param address a literal address or a name such as {@code x.local}
 * @param type {@code host}, {@code srflx}, {@code prflx} or {@code relay}
 */
public record IceCandidate(
    String foundation,
    int component,
    String transport,
    long priority,
    String address,
    int port,
    String type) {
  private static final int FIELDS_MIN = 8;
  private static final long PRIORITY_MAX = 0x7fff_ffffL;

  /** Type preference of host candidates, RFC 8445 §5.1.2.2. */
  private static final int HOST_PREFERENCE = 126;

  /** Our host candidate of this rank (0 is best) for RTP and RTCP on one port. */
  public static IceCandidate host(int rank, String address, int port) {
    long priority = ((long) HOST_PREFERENCE << 24) | ((long) (65_535 - rank) << 8) | 255;
    return new IceCandidate(Integer.toString(rank + 1), 1, "udp", priority, address, port, "host");
  }

  /** Reads what follows {@code a=candidate:}; empty when it is no candidate. */
  public static Optional<IceCandidate> parse(String value) {
    String[] words = value.strip().split(" +");
    if (words.length < FIELDS_MIN || !words[6].equals("typ")) {
      return Optional.empty();
    }
    for (int i = 0; i < FIELDS_MIN; i++) {
      if (words[i].chars().anyMatch(c -> c < ' ' || Character.isWhitespace(c))) {
        return Optional.empty();
      }
    }
    int component = SdpParser.number(words[1], 256);
    int priority = SdpParser.number(words[3], (int) PRIORITY_MAX);
    int port = SdpParser.number(words[5], 65_535);
    if (component < 1 || priority < 0 || port < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new IceCandidate(words[0], component, words[2], priority, words[4], port, words[7]));
  }

  /** The line's value. */
  public String text() {
    return foundation
        + ' '
        + component
        + ' '
        + transport
        + ' '
        + priority
        + ' '
        + address
        + ' '
        + port
        + " typ "
        + type;
  }
}
