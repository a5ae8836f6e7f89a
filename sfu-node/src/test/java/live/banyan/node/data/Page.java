package live.banyan.node.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import live.banyan.sfu.sctp.ChannelEvent;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.DataChannels;
import live.banyan.sfu.sctp.SctpConfig;
import live.banyan.sfu.sctp.SctpCounters;

/** A browser's end of the data channels of one session with a plane; the test's thread. */
final class Page {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  final List<String> received = new ArrayList<>();
  final Map<Integer, ChannelTerms> opened = new HashMap<>();
  private final LinkedBlockingQueue<byte[]> arriving = new LinkedBlockingQueue<>();
  private final DataChannels channels;
  private final DataPlane plane;
  private final long transportId;

  private final List<Page> all;

  /**
   * @param all the pages of the test, which all play their part while one of them waits
   */
  Page(List<Page> all, DataPlane plane, long transportId, String stream, boolean publisher) {
    this.all = all;
    all.add(this);
    this.plane = plane;
    this.transportId = transportId;
    channels =
        new DataChannels(
            true, 16, 0, SctpConfig.defaults(1120), new SctpCounters(), new Random(transportId));
    plane.open(
        transportId,
        new DataPlane.Terms(stream, publisher, false, 0, packet -> arriving.add(packet)));
    channels.start(System.nanoTime());
    drain();
    until(channels::isUp);
  }

  int open(ChannelTerms terms) {
    int id = channels.open(terms, System.nanoTime());
    drain();
    return id;
  }

  boolean say(int channel, String text) {
    boolean taken = channels.send(channel, true, text.getBytes(), System.nanoTime());
    drain();
    return taken;
  }

  /** Plays its part until the condition holds. */
  void until(BooleanSupplier condition) {
    long endNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNs > 0) {
        throw new AssertionError("waited in vain; received " + received);
      }
      turn(2);
      all.forEach(page -> page.turn(0));
    }
  }

  private void turn(int waitMs) {
    try {
      byte[] packet = arriving.poll(waitMs, TimeUnit.MILLISECONDS);
      if (packet != null) {
        channels.receive(packet, System.nanoTime());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    channels.onTimer(System.nanoTime());
    drain();
  }

  private void drain() {
    for (ChannelEvent event : channels.take()) {
      switch (event) {
        case ChannelEvent.Transmit transmit -> plane.receive(transportId, transmit.packet());
        case ChannelEvent.Up up -> {}
        case ChannelEvent.Opened open -> opened.put(open.channel(), open.terms());
        case ChannelEvent.Message message -> received.add(new String(message.data()));
        case ChannelEvent.Closed closed -> opened.remove(closed.channel());
        case ChannelEvent.Ended ended -> {}
      }
    }
  }
}
