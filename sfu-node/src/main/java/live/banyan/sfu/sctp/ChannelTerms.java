package live.banyan.sfu.sctp;

/**
 * What a channel is called and promises (RFC 8832 §5.1).
 *
 * @param label at most 256 bytes of UTF-8, as is {@code protocol}
 */
public record ChannelTerms(
    String label, String protocol, boolean ordered, Reliability reliability) {
  /** Everything arrives, in order. */
  public static ChannelTerms reliable(String label) {
    return new ChannelTerms(label, "", true, Reliability.FULL);
  }
}
