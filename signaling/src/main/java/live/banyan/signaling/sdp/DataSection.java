package live.banyan.signaling.sdp;

import java.util.Optional;
import java.util.Set;

/**
 * {@code m=application} for data channels (RFC 8841 §5, RFC 8864).
 *
 * @param messageBytesMax what the far end takes, 0 without a limit
 */
record DataSection(int messageBytesMax) {
  /** What browsers offer, and the only port that this program has. */
  static final int SCTP_PORT = 5000;

  static final String FORMAT = "webrtc-datachannel";

  private static final Set<String> PROTOCOLS = Set.of("UDP/DTLS/SCTP", "TCP/DTLS/SCTP");

  /** RFC 8841 §6.1: without the line. */
  private static final int MESSAGE_BYTES_UNSAID = 64 * 1024;

  /** The section's terms; empty when it is none, or not one that can be answered. */
  static Optional<DataSection> read(MediaSection section) {
    boolean spoken =
        section.kind().equals("application")
            && PROTOCOLS.contains(section.protocol())
            && section.formats().contains(FORMAT)
            && number(section.attribute("sctp-port").orElse("")) == SCTP_PORT;
    return spoken
        ? Optional.of(
            new DataSection(
                section
                    .attribute("max-message-size")
                    .map(DataSection::number)
                    .filter(size -> size >= 0)
                    .orElse(MESSAGE_BYTES_UNSAID)))
        : Optional.empty();
  }

  /** A decimal number, clamped to an int; -1 where there is none. */
  private static int number(String text) {
    String digits = text.strip();
    if (digits.isEmpty()
        || digits.length() > 18
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(digits));
  }
}
