package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import live.banyan.sfu.ice.IceCredentials;
import org.ice4j.StunException;
import org.ice4j.StunMessageEvent;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.Agent;
import org.ice4j.ice.CandidatePair;
import org.ice4j.ice.CandidateType;
import org.ice4j.ice.Component;
import org.ice4j.ice.HostCandidate;
import org.ice4j.ice.IceMediaStream;
import org.ice4j.ice.IceProcessingState;
import org.ice4j.ice.KeepAliveStrategy;
import org.ice4j.ice.LocalCandidate;
import org.ice4j.ice.NominationStrategy;
import org.ice4j.ice.RemoteCandidate;
import org.ice4j.ice.harvest.AbstractCandidateHarvester;
import org.ice4j.message.Message;
import org.ice4j.stack.RawMessage;
import org.ice4j.stack.StunStack;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connectivity of one link: an ice4j agent with one component, whose datagrams are handed in and
 * out. Building one costs class loading the first time, so it is built on a virtual thread; {@link
 * #onStun} may be called from the shard's thread.
 */
final class IceSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IceSession.class);

  /** STUN that waits for the session's thread; a handshake has a handful of packets. */
  private static final int QUEUE_MAX = 64;

  private static final String STREAM = "link";

  /**
   * A negative pace has ice4j's pace maker end by itself. Cancelled while it runs, as {@link
   * Agent#free} does, it starts over and wakes two threads at every beat for ever. -1 would mean
   * the default.
   */
  private static final long NO_NEXT_CHECK = -2;

  private final Agent agent;
  private final Component component;
  private final Outcome outcome;
  private final LongAdder dropped;
  private final List<InetSocketAddress> bases;
  private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final AtomicBoolean decided = new AtomicBoolean();
  private final Thread worker;
  private volatile boolean closed;

  /** How connectivity ends; called once, on a thread of ice4j's: hand over and return. */
  interface Outcome {
    void connected(InetSocketAddress peer);

    void failed();
  }

  private record Arrival(byte[] datagram, InetSocketAddress from) {}

  /**
   * @param own addresses of this node; the first of each family stands for the socket, since which
   *     of them a datagram came in on cannot be told apart
   * @param output takes what ice4j sends
   * @param dropped counts STUN that was not parsed or did not fit the queue
   */
  IceSession(
      boolean controlling,
      List<InetSocketAddress> own,
      int checkPaceMs,
      DatagramSocket stand,
      BiConsumer<byte[], InetSocketAddress> output,
      Outcome outcome,
      LongAdder dropped)
      throws IOException {
    Ice4j.configure();
    this.outcome = outcome;
    this.dropped = dropped;
    this.bases = onePerFamily(own);
    agent = new Agent();
    agent.setControlling(controlling);
    agent.setUseDynamicPorts(false);
    agent.setPerformConsentFreshness(false);
    agent.setTa(checkPaceMs);
    // The first valid pair is the quickest one, and a second nomination costs a round trip.
    agent.setNominationStrategy(NominationStrategy.NOMINATE_FIRST_VALID);
    agent.addCandidateHarvester(new Harvester(bases, output, stand));
    IceMediaStream stream = agent.createMediaStream(STREAM);
    component = agent.createComponent(stream, KeepAliveStrategy.SELECTED_ONLY, false);
    agent.addStateChangeListener(event -> onState((IceProcessingState) event.getNewValue()));
    worker = Thread.ofVirtual().name("relay-ice").start(this::work);
  }

  /** Of this end. */
  IceCredentials credentials() {
    return new IceCredentials(agent.getLocalUfrag(), agent.getLocalPassword());
  }

  /** Starts the checks; checks of the peer are answered even before. */
  void start(String ufrag, String password, List<InetSocketAddress> candidates) {
    IceMediaStream stream = agent.getStream(STREAM);
    if (stream == null) {
      return; // Closed meanwhile.
    }
    stream.setRemoteUfrag(ufrag);
    stream.setRemotePassword(password);
    for (int i = 0; i < candidates.size(); i++) {
      // RFC 8445 §5.1.2.1 with the order of the offer as local preference.
      long priority = 126L << 24 | (65535L - i) << 8 | 255;
      component.addRemoteCandidate(
          new RemoteCandidate(
              new TransportAddress(candidates.get(i), Transport.UDP),
              component,
              CandidateType.HOST_CANDIDATE,
              Integer.toString(i + 1),
              priority,
              null));
    }
    agent.startConnectivityEstablishment();
  }

  /** Takes a STUN datagram; never blocks. */
  void onStun(byte[] datagram, InetSocketAddress from) {
    if (closed || !arrivals.offer(new Arrival(datagram, from))) {
      dropped.increment();
    }
  }

  /** Frees the agent and its threads; blocks shortly. */
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    agent.setTa(NO_NEXT_CHECK);
    agent.free();
  }

  private void work() {
    try {
      while (!closed) {
        inject(arrivals.take());
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void inject(Arrival arrival) {
    byte[] bytes = arrival.datagram();
    InetSocketAddress base = base(arrival.from().getAddress());
    if (base == null) {
      dropped.increment();
      return;
    }
    try {
      Message message = Message.decode(bytes, 0, bytes.length);
      RawMessage raw =
          RawMessage.build(
              bytes,
              bytes.length,
              new TransportAddress(arrival.from(), Transport.UDP),
              new TransportAddress(base, Transport.UDP));
      StunStack stack = agent.getStunStack();
      stack.handleMessageEvent(new StunMessageEvent(stack, raw, message));
    } catch (StunException | RuntimeException e) {
      // ice4j's decoder meets hostile bytes with unchecked exceptions as well.
      dropped.increment();
      LOG.debug("STUN of a link was not understood: {}", e.toString());
    }
  }

  private void onState(IceProcessingState state) {
    if (state == IceProcessingState.COMPLETED && decided.compareAndSet(false, true)) {
      CandidatePair pair = component.getSelectedPair();
      outcome.connected(pair.getRemoteCandidate().getTransportAddress());
    } else if (state == IceProcessingState.FAILED && decided.compareAndSet(false, true)) {
      outcome.failed();
    }
  }

  private @Nullable InetSocketAddress base(InetAddress from) {
    for (InetSocketAddress base : bases) {
      if (base.getAddress() instanceof Inet6Address == from instanceof Inet6Address) {
        return base;
      }
    }
    return null;
  }

  private static List<InetSocketAddress> onePerFamily(List<InetSocketAddress> own) {
    List<InetSocketAddress> bases = new ArrayList<>();
    for (InetSocketAddress address : own) {
      boolean v6 = address.getAddress() instanceof Inet6Address;
      if (bases.stream().noneMatch(b -> b.getAddress() instanceof Inet6Address == v6)) {
        bases.add(address);
      }
    }
    return List.copyOf(bases);
  }

  /** Host candidates over the shard's socket; ice4j opens none of its own. */
  private static final class Harvester extends AbstractCandidateHarvester {
    private final List<InetSocketAddress> bases;
    private final BiConsumer<byte[], InetSocketAddress> output;
    private final DatagramSocket stand;

    Harvester(
        List<InetSocketAddress> bases,
        BiConsumer<byte[], InetSocketAddress> output,
        DatagramSocket stand) {
      this.bases = bases;
      this.output = output;
      this.stand = stand;
    }

    @Override
    public boolean isHostHarvester() {
      return true;
    }

    @Override
    public Collection<LocalCandidate> harvest(Component component) {
      List<LocalCandidate> candidates = new ArrayList<>();
      for (InetSocketAddress base : bases) {
        InjectedSocket socket = new InjectedSocket(base, output, stand);
        HostCandidate candidate = new HostCandidate(socket, component);
        component.getParentStream().getParentAgent().getStunStack().addSocket(socket);
        component.addLocalCandidate(candidate);
        candidates.add(candidate);
      }
      return candidates;
    }
  }
}
