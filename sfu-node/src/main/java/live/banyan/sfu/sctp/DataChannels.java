package live.banyan.sfu.sctp;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The channels of one association (RFC 8831, RFC 8832). Driven like {@link SctpAssociation}: a
 * call, then {@link #take}; {@link #onTimer} at {@link #deadlineNs}. Not thread safe.
 */
public final class DataChannels {
  private final SctpAssociation association;
  private final SctpCounters counters;
  private final int channelsMax;
  private final int peerMessageBytesMax;
  private final int firstId;
  private final TreeMap<Integer, Channel> channels = new TreeMap<>();
  private List<ChannelEvent> events = new ArrayList<>();

  private static final class Channel {
    final ChannelTerms terms;

    /** The peer has answered, or has opened it: only then may messages overtake (RFC 8832 §6). */
    boolean acknowledged;

    boolean closing;
    boolean ownReset;
    boolean peerReset;

    Channel(ChannelTerms terms) {
      this.terms = terms;
    }
  }

  /**
   * @param dtlsClient whether this end sent the ClientHello: its channels are even then
   * @param channelsMax channels at the same time; more are closed as they come
   * @param peerMessageBytesMax {@code a=max-message-size} of the peer; 0: no limit
   */
  public DataChannels(
      boolean dtlsClient,
      int channelsMax,
      int peerMessageBytesMax,
      SctpConfig config,
      SctpCounters counters,
      RandomGenerator random) {
    this.association = new SctpAssociation(config, counters, random);
    this.counters = counters;
    this.channelsMax = channelsMax;
    this.peerMessageBytesMax = peerMessageBytesMax == 0 ? Integer.MAX_VALUE : peerMessageBytesMax;
    this.firstId = dtlsClient ? 0 : 1;
  }

  /** Sends the INIT; the peer may do so as well. */
  public void start(long nowNs) {
    association.start(nowNs);
    collect(nowNs);
  }

  /** Takes a packet of the peer. */
  public void receive(byte[] packet, long nowNs) {
    association.receive(packet, nowNs);
    collect(nowNs);
  }

  /** Does what is due; harmless when called early. */
  public void onTimer(long nowNs) {
    association.onTimer(nowNs);
    collect(nowNs);
  }

  /** When {@link #onTimer} is wanted; Long.MAX_VALUE: not before something else happens. */
  public long deadlineNs() {
    return association.deadlineNs();
  }

  public boolean isUp() {
    return association.isUp();
  }

  public boolean isEnded() {
    return association.isEnded();
  }

  /** Bytes that the peer has not acknowledged. */
  public int bufferedBytes() {
    return association.bufferedBytes();
  }

  /** What has happened since the last call, in order. */
  public List<ChannelEvent> take() {
    List<ChannelEvent> taken = events;
    events = new ArrayList<>();
    return taken;
  }

  /**
   * Opens a channel; messages may be sent at once.
   *
   * @return its identifier, or -1 when it is refused and counted: not up, or too many
   */
  public int open(ChannelTerms terms, long nowNs) {
    int id = firstId;
    while (channels.containsKey(id)) {
      id += 2;
    }
    byte[] open = Dcep.open(terms);
    if (channels.size() >= channelsMax
        || id >= association.streams()
        || !association.send(id, Dcep.PPID_CONTROL, open, true, Reliability.FULL, nowNs)) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      return -1;
    }
    channels.put(id, new Channel(terms));
    collect(nowNs);
    return id;
  }

  /**
   * Sends a message on its channel's terms.
   *
   * @param data not copied, so leave it alone
   * @return false when it is refused and counted
   */
  public boolean send(int id, boolean text, byte[] data, long nowNs) {
    Channel channel = channels.get(id);
    return send(
        id, text, data, channel == null ? Reliability.FULL : channel.terms.reliability(), nowNs);
  }

  /** The same with a reliability of its own, which is the sender's choice by message (RFC 7496). */
  public boolean send(int id, boolean text, byte[] data, Reliability reliability, long nowNs) {
    Channel channel = channels.get(id);
    if (channel == null || channel.closing) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      return false;
    }
    if (data.length > peerMessageBytesMax) {
      counters.add(SctpCount.REFUSED_SIZE);
      return false;
    }
    int ppid =
        data.length == 0
            ? text ? Dcep.PPID_TEXT_EMPTY : Dcep.PPID_BINARY_EMPTY
            : text ? Dcep.PPID_TEXT : Dcep.PPID_BINARY;
    boolean taken =
        association.send(
            id,
            ppid,
            data.length == 0 ? new byte[1] : data,
            channel.terms.ordered() || !channel.acknowledged,
            channel.acknowledged ? reliability : Reliability.FULL,
            nowNs);
    collect(nowNs);
    return taken;
  }

  /** Closes a channel after what waits on it. */
  public void close(int id, long nowNs) {
    Channel channel = channels.get(id);
    if (channel != null && !channel.closing) {
      channel.closing = true;
      association.reset(id, nowNs);
      collect(nowNs);
    }
  }

  /** Says good-bye when everything has been acknowledged. */
  public void shutdown(long nowNs) {
    association.shutdown(nowNs);
    collect(nowNs);
  }

  /** Ends at once, and tells the peer. */
  public void abort(long nowNs) {
    association.abort();
    collect(nowNs);
  }

  // --- events of the association ----------------------------------------------------------------

  private void collect(long nowNs) {
    List<SctpEvent> taken = association.take();
    while (!taken.isEmpty()) {
      for (SctpEvent event : taken) {
        on(event, nowNs);
      }
      taken = association.take(); // answers to what was just read
    }
  }

  private void on(SctpEvent event, long nowNs) {
    switch (event) {
      case SctpEvent.Transmit transmit -> events.add(new ChannelEvent.Transmit(transmit.packet()));
      case SctpEvent.Up up -> events.add(new ChannelEvent.Up());
      case SctpEvent.Received received -> onMessage(received, nowNs);
      case SctpEvent.PeerReset reset ->
          reset.streams().forEach(stream -> onPeerReset(stream, nowNs));
      case SctpEvent.ResetDone done -> done.streams().forEach(this::onResetDone);
      case SctpEvent.Ended ended -> {
        channels.clear();
        events.add(new ChannelEvent.Ended(ended.reason()));
      }
    }
  }

  private void onMessage(SctpEvent.Received received, long nowNs) {
    int id = received.stream();
    if (received.ppid() == Dcep.PPID_CONTROL) {
      onControl(id, received.data(), nowNs);
      return;
    }
    Channel channel = channels.get(id);
    if (channel == null || channel.peerReset) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      return;
    }
    channel.acknowledged = true; // whoever sends on it has read its OPEN
    byte[] data = received.data();
    ChannelEvent.Message message =
        switch (received.ppid()) {
          case Dcep.PPID_TEXT -> new ChannelEvent.Message(id, true, data);
          case Dcep.PPID_TEXT_EMPTY -> new ChannelEvent.Message(id, true, new byte[0]);
          case Dcep.PPID_BINARY_EMPTY -> new ChannelEvent.Message(id, false, new byte[0]);
          case Dcep.PPID_BINARY -> new ChannelEvent.Message(id, false, data);
          default -> null;
        };
    if (message == null) {
      counters.add(SctpCount.DROPPED_MALFORMED);
    } else if (!channel.closing) {
      events.add(message);
    }
  }

  private void onControl(int id, byte[] message, long nowNs) {
    Channel known = channels.get(id);
    if (Dcep.isAck(message)) {
      if (known != null) {
        known.acknowledged = true;
      }
      return;
    }
    ChannelTerms terms = Dcep.readOpen(message);
    if (terms == null) {
      counters.add(SctpCount.DROPPED_MALFORMED);
      return;
    }
    boolean theirs = id % 2 != firstId;
    if (known != null || !theirs || channels.size() >= channelsMax) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      if (known == null) {
        association.reset(id, nowNs);
      }
      return;
    }
    Channel channel = new Channel(terms);
    channel.acknowledged = true;
    channels.put(id, channel);
    association.send(id, Dcep.PPID_CONTROL, Dcep.ack(), true, Reliability.FULL, nowNs);
    events.add(new ChannelEvent.Opened(id, terms));
  }

  private void onPeerReset(int id, long nowNs) {
    Channel channel = channels.get(id);
    if (channel == null) {
      return;
    }
    channel.peerReset = true;
    events.add(new ChannelEvent.Closed(id));
    if (!channel.closing) {
      channel.closing = true;
      association.reset(id, nowNs);
    }
    forgetWhenClosed(id, channel);
  }

  private void onResetDone(int id) {
    Channel channel = channels.get(id);
    if (channel != null) {
      channel.ownReset = true;
      forgetWhenClosed(id, channel);
    }
  }

  private void forgetWhenClosed(int id, Channel channel) {
    if (channel.ownReset && channel.peerReset) {
      channels.remove(id);
    }
  }
}
