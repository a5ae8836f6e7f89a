package live.banyan.sfu.sctp;

/** What channels want done, or tell; in order. */
public sealed interface ChannelEvent {
  /** Send this packet. */
  record Transmit(byte[] packet) implements ChannelEvent {}

  /** Channels may be opened now. */
  record Up() implements ChannelEvent {}

  /** The peer has opened a channel. */
  record Opened(int channel, ChannelTerms terms) implements ChannelEvent {}

  /** A message, possibly empty. */
  record Message(int channel, boolean text, byte[] data) implements ChannelEvent {}

  /** The channel takes no more messages; its identifier may be used again later. */
  record Closed(int channel) implements ChannelEvent {}

  /** The last event; all channels are gone. */
  record Ended(SctpEvent.Reason reason) implements ChannelEvent {}
}
