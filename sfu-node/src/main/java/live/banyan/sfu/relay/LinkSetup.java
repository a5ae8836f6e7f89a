package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.shard.ShardCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers and answers: which links there are and how they begin. Owned by the loop's thread, except
 * where a method says otherwise.
 *
 * <p>When both ends offer at once, the offer of the lower node id counts: its node refuses the
 * other's, and the other drops its own and answers.
 */
final class LinkSetup {
  private static final Logger LOG = LoggerFactory.getLogger(LinkSetup.class);

  private final Directory directory;
  private final LinkContext context;
  private final LongSupplier transportIds;
  private final OfferLimiter limiter;
  private final Map<String, Link> links = new HashMap<>();
  private final Map<Long, Link> byTransport = new ConcurrentHashMap<>();
  private volatile boolean closing;

  LinkSetup(Directory directory, LinkContext context, LongSupplier transportIds) {
    this.directory = directory;
    this.context = context;
    this.transportIds = transportIds;
    LinkSettings settings = context.settings();
    this.limiter = new OfferLimiter(settings.offerBurst(), settings.offerRefillNs());
  }

  @Nullable Link link(String nodeId) {
    return links.get(nodeId);
  }

  /** Any thread. */
  @Nullable Link byTransport(long transportId) {
    return byTransport.get(transportId);
  }

  /** A copy: links end while one goes over it. */
  List<Link> links() {
    return new ArrayList<>(links.values());
  }

  void forget(Link link) {
    byTransport.remove(link.transportId, link);
    links.remove(link.peer.nodeId(), link);
  }

  // ---- this end offers

  void connect(NodeRecord peer) {
    if (links.containsKey(peer.nodeId()) || peer.nodeId().equals(context.selfId())) {
      return;
    }
    Link link = add(peer, true);
    OfferRefusal refusal = room(link);
    if (refusal != null) {
      context.counters().of(refusal).increment();
      link.close(refusal.sentence());
      return;
    }
    buildIce(
        link,
        session -> {
          context.counters().of(LinkCount.OFFERS_SENT).increment();
          directory
              .request(peer.nodeId(), LinkOffer.TOPIC, offer(session).encode())
              .whenComplete(
                  (body, failure) -> context.loop().control(() -> onAnswer(link, body, failure)));
        });
  }

  private void onAnswer(Link link, byte @Nullable [] body, @Nullable Throwable failure) {
    if (link.phase() != Link.Phase.OFFERING) {
      return;
    }
    if (body == null) {
      LOG.debug("no answer from {}", link.peer.nodeId(), failure);
      refuseAnswer(link, OfferRefusal.UNANSWERED);
      return;
    }
    switch (LinkOffer.read(body)) {
      case OfferReading.Unusable unusable -> refuseAnswer(link, unusable.reason());
      case OfferReading.Refused refused -> {
        // Glare: the peer's offer is on its way, or this link's deadline ends it.
        if (refused.reason() != OfferRefusal.GLARE || selfIsLower(link.peer)) {
          link.close(
              "the peer refused: "
                  + (refused.reason() == null ? "unknown reason" : refused.reason().sentence()));
        }
      }
      case LinkOffer answer -> {
        switch (check(answer, link.peer)) {
          case OfferCheck.Usable usable -> link.startChecks(usable);
          case OfferCheck.Refused refused -> refuseAnswer(link, refused.reason());
        }
      }
    }
  }

  private void refuseAnswer(Link link, OfferRefusal reason) {
    context.counters().of(reason).increment();
    link.close(reason.sentence());
  }

  // ---- the other end offers

  /** Answers an offer; any thread. */
  CompletionStage<byte[]> answer(Directory.Request request) {
    CompletableFuture<byte[]> reply = new CompletableFuture<>();
    if (closing) {
      refuse(OfferRefusal.CLOSING, reply);
      return reply;
    }
    try {
      if (!context.loop().control(() -> onOffer(request, reply))) {
        refuse(OfferRefusal.CLOSING, reply);
      }
    } catch (RejectedExecutionException e) {
      refuse(OfferRefusal.HANDSHAKES_FULL, reply);
    }
    return reply;
  }

  private void onOffer(Directory.Request request, CompletableFuture<byte[]> reply) {
    context.counters().of(LinkCount.OFFERS_RECEIVED).increment();
    switch (judge(request)) {
      case OfferCheck.Refused refused -> {
        LOG.debug("offer of {} refused: {}", request.fromNodeId(), refused.reason());
        refuse(refused.reason(), reply);
      }
      case OfferCheck.Usable usable -> accept(usable, reply);
    }
  }

  private OfferCheck.Verdict judge(Directory.Request request) {
    String from = request.fromNodeId();
    if (!limiter.allow(from, System.nanoTime())) {
      return new OfferCheck.Refused(OfferRefusal.RATE);
    }
    return switch (LinkOffer.read(request.body())) {
      case OfferReading.Unusable unusable -> new OfferCheck.Refused(unusable.reason());
      case OfferReading.Refused refused -> new OfferCheck.Refused(OfferRefusal.MALFORMED);
      case LinkOffer offer -> {
        NodeRecord sender = directory.node(from).orElse(null);
        yield sender == null || from.equals(context.selfId())
            ? new OfferCheck.Refused(OfferRefusal.UNKNOWN_NODE)
            : check(offer, sender);
      }
    };
  }

  private void accept(OfferCheck.Usable usable, CompletableFuture<byte[]> reply) {
    NodeRecord sender = usable.sender();
    if (!makeWay(sender)) {
      refuse(OfferRefusal.GLARE, reply);
      return;
    }
    Link link = add(sender, false);
    OfferRefusal refusal = room(link);
    if (refusal != null) {
      forget(link);
      link.closeQuietly();
      refuse(refusal, reply);
      return;
    }
    buildIce(
        link,
        session -> {
          link.startChecks(usable);
          reply.complete(offer(session).encode());
        });
  }

  private void refuse(OfferRefusal reason, CompletableFuture<byte[]> reply) {
    context.counters().of(reason).increment();
    reply.complete(LinkOffer.encodeRefusal(reason));
  }

  /** Ends the link that a new offer of the same peer replaces; false where this end's counts. */
  private boolean makeWay(NodeRecord sender) {
    Link present = links.get(sender.nodeId());
    if (present == null) {
      return true;
    }
    if (present.phase() == Link.Phase.UP) {
      // A peer that has a link does not offer: it has lost this one, or was started again.
      present.close("the peer started over");
      return true;
    }
    if (present.initiator && selfIsLower(sender)) {
      return false;
    }
    forget(present);
    present.closeQuietly();
    return true;
  }

  // ---- common to both

  /** Says farewell on all links and takes no more; any thread, blocks up to 600 ms. */
  void close() {
    CountDownLatch done = new CountDownLatch(1);
    context
        .loop()
        .control(
            () -> {
              closing = true;
              links().forEach(link -> link.close("this node goes away"));
              done.countDown();
            });
    try {
      if (!done.await(600, TimeUnit.MILLISECONDS)) {
        LOG.warn("links were still busy when the node closed them");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Link add(NodeRecord peer, boolean initiator) {
    Link link = new Link(peer, transportIds.getAsLong(), initiator, context, System.nanoTime());
    links.put(peer.nodeId(), link);
    byTransport.put(link.transportId, link);
    context.loop().tickSoon();
    return link;
  }

  /** Why there is no room for a link that was just added. */
  private @Nullable OfferRefusal room(Link added) {
    if (closing) {
      return OfferRefusal.CLOSING;
    }
    if (links.size() > context.settings().linksMax()) {
      return OfferRefusal.LINKS_FULL;
    }
    long handshakes =
        links.values().stream()
            .filter(link -> link != added && link.phase() != Link.Phase.UP)
            .count();
    return handshakes >= context.settings().handshakesMax() ? OfferRefusal.HANDSHAKES_FULL : null;
  }

  /** Builds the agent off the loop's thread; {@code next} runs on the loop's again. */
  private void buildIce(Link link, Consumer<IceSession> next) {
    LinkSettings settings = context.settings();
    Thread.ofVirtual()
        .name("relay-ice-build")
        .start(
            () -> {
              try {
                IceSession session =
                    new IceSession(
                        link.initiator,
                        context.own(),
                        settings.checkPaceMs(),
                        context.stand(),
                        (datagram, to) -> context.commands().accept(stun(link, datagram, to)),
                        outcome(link),
                        context.counters().of(LinkCount.STUN_DROPPED));
                if (!context.loop().control(() -> useIce(link, session, next))) {
                  session.close();
                }
              } catch (IOException | RuntimeException e) {
                LOG.warn("no ICE agent for a link", e);
                context.loop().control(() -> link.close("no ICE agent could be built"));
              }
            });
  }

  private static void useIce(Link link, IceSession session, Consumer<IceSession> next) {
    if (link.phase() == Link.Phase.CLOSED) {
      Thread.startVirtualThread(session::close);
      return;
    }
    link.openIce(session);
    next.accept(session);
  }

  private IceSession.Outcome outcome(Link link) {
    return new IceSession.Outcome() {
      @Override
      public void connected(InetSocketAddress peer) {
        context.loop().control(() -> link.onConnected(peer));
      }

      @Override
      public void failed() {
        context
            .loop()
            .control(() -> link.close("no path to the peer: every connectivity check failed"));
      }
    };
  }

  private static ShardCommand stun(Link link, byte[] datagram, InetSocketAddress to) {
    return new ShardCommand.SendTo(
        link.transportId,
        datagram,
        Endpoint.high(to.getAddress()),
        Endpoint.low(to.getAddress()),
        to.getPort());
  }

  private OfferCheck.Verdict check(LinkOffer offer, NodeRecord sender) {
    OfferCheck.Verdict verdict = OfferCheck.check(offer, sender, context.own());
    if (verdict instanceof OfferCheck.Usable usable) {
      int skipped = offer.candidates().size() - usable.candidates().size();
      context.counters().of(LinkCount.CANDIDATES_SKIPPED).add(skipped);
    }
    return verdict;
  }

  private LinkOffer offer(IceSession session) {
    NodeRecord self = directory.self();
    return new LinkOffer(
        LinkMessage.VERSION_MIN,
        LinkMessage.VERSION_MAX,
        session.credentials().ufrag(),
        session.credentials().password(),
        self.fingerprint(),
        self.udp().stream().limit(LinkOffer.CANDIDATES_MAX).toList());
  }

  private boolean selfIsLower(NodeRecord peer) {
    return context.selfId().compareTo(peer.nodeId()) < 0;
  }
}
