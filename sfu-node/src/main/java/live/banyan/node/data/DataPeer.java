package live.banyan.node.data;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import live.banyan.sfu.sctp.ChannelEvent;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.DataChannels;
import live.banyan.sfu.sctp.Reliability;
import org.jspecify.annotations.Nullable;

/** The far end of one association: a browser, or a node. Owned by the data thread. */
final class DataPeer {
  /** Told what a peer sends. */
  interface Listener {
    /** Messages may be sent now. */
    void up(DataPeer peer, long nowNs);

    /** The peer has opened a channel. */
    void opened(DataPeer peer, ChannelTerms terms, long nowNs);

    void message(DataPeer from, ChannelTerms terms, boolean text, byte[] data, long nowNs);

    void ended(DataPeer peer);
  }

  /** Of the entry that {@link DataThread} has for it. */
  long scheduledNs = Long.MAX_VALUE;

  private final DataChannels channels;
  private final Predicate<byte[]> network;
  private final Listener listener;
  private final Map<Integer, ChannelTerms> terms = new HashMap<>();
  private final Map<String, Integer> byLabel = new HashMap<>();

  /**
   * @param network takes a packet; false when it cannot be sent, which is then lost
   */
  DataPeer(DataChannels channels, Predicate<byte[]> network, Listener listener) {
    this.channels = channels;
    this.network = network;
    this.listener = listener;
  }

  long deadlineNs() {
    return channels.deadlineNs();
  }

  void start(long nowNs) {
    channels.start(nowNs);
    drain(nowNs);
  }

  void receive(byte[] packet, long nowNs) {
    channels.receive(packet, nowNs);
    drain(nowNs);
  }

  void onTimer(long nowNs) {
    channels.onTimer(nowNs);
    drain(nowNs);
  }

  void abort(long nowNs) {
    channels.abort(nowNs);
    drain(nowNs);
  }

  /**
   * Sends on the channel of that label, which is opened where there is none.
   *
   * @return false when the peer is not up, or does not keep up
   */
  boolean send(ChannelTerms wanted, boolean text, byte[] data, long nowNs) {
    int channel = channel(wanted, nowNs);
    boolean taken = channel >= 0 && channels.send(channel, text, data, nowNs);
    drain(nowNs);
    return taken;
  }

  /** The same with a reliability of the message's own. */
  boolean send(ChannelTerms wanted, byte[] data, Reliability reliability, long nowNs) {
    int channel = channel(wanted, nowNs);
    boolean taken = channel >= 0 && channels.send(channel, false, data, reliability, nowNs);
    drain(nowNs);
    return taken;
  }

  private int channel(ChannelTerms wanted, long nowNs) {
    Integer known = byLabel.get(wanted.label());
    if (known != null || !channels.isUp()) {
      return known == null ? -1 : known;
    }
    int opened = channels.open(wanted, nowNs);
    if (opened >= 0) {
      note(opened, wanted);
    }
    return opened;
  }

  boolean isUp() {
    return channels.isUp();
  }

  /** Whether there is a channel of that label. */
  boolean has(String label) {
    return byLabel.containsKey(label);
  }

  private void note(int channel, ChannelTerms of) {
    terms.put(channel, of);
    byLabel.put(of.label(), channel);
  }

  private void drain(long nowNs) {
    for (ChannelEvent event : channels.take()) {
      switch (event) {
        case ChannelEvent.Transmit transmit -> {
          // What is lost here is sent again, as on the way.
          var unused = network.test(transmit.packet());
        }
        case ChannelEvent.Up up -> listener.up(this, nowNs);
        case ChannelEvent.Opened opened -> {
          note(opened.channel(), opened.terms());
          listener.opened(this, opened.terms(), nowNs);
        }
        case ChannelEvent.Message message -> {
          ChannelTerms of = terms.get(message.channel());
          if (of != null) {
            listener.message(this, of, message.text(), message.data(), nowNs);
          }
        }
        case ChannelEvent.Closed closed -> forget(closed.channel());
        case ChannelEvent.Ended ended -> {
          terms.clear();
          byLabel.clear();
          listener.ended(this);
        }
      }
    }
  }

  private void forget(int channel) {
    @Nullable ChannelTerms of = terms.remove(channel);
    if (of != null) {
      byLabel.remove(of.label(), channel);
    }
  }
}
