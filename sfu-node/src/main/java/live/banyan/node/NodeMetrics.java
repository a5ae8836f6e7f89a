package live.banyan.node;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleSupplier;
import live.banyan.mesh.policy.Refusal;
import live.banyan.node.data.DataCount;
import live.banyan.node.data.DataPlane;
import live.banyan.node.volunteer.Volunteer;
import live.banyan.sfu.dtls.DtlsCounters;
import live.banyan.sfu.io.IoCounters;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.relay.LinkCount;
import live.banyan.sfu.relay.OfferRefusal;
import live.banyan.sfu.relay.RelayLinks;
import live.banyan.sfu.sctp.SctpCount;
import live.banyan.sfu.shard.ShardCounter;

/** What a node tells Prometheus of its media plane; read when scraped, nothing per packet. */
final class NodeMetrics {
  /** Counters of the shard that go down again. */
  private static final Set<ShardCounter> GAUGES =
      EnumSet.of(
          ShardCounter.TRANSPORTS,
          ShardCounter.TRACKS,
          ShardCounter.SUBSCRIPTIONS,
          ShardCounter.ESTIMATED_VIEWERS,
          ShardCounter.ESTIMATED_BPS,
          ShardCounter.LIMITED_VIDEOS);

  private final PrometheusRegistry registry;
  private final Histogram firstMedia;

  NodeMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    this.firstMedia =
        Histogram.builder()
            .name("banyan_whep_first_media_seconds")
            .help("From a WHEP request to the first media packet towards that viewer.")
            .unit(Unit.SECONDS)
            .classicUpperBounds(.025, .05, .1, .2, .3, .5, .75, 1, 1.5, 2, 3, 5, 10)
            .register(registry);
  }

  /** The JVM's own metrics: memory, collections, threads, classes. */
  void jvm() {
    JvmMetrics.builder().register(registry);
  }

  void firstMedia(double seconds) {
    firstMedia.observe(seconds);
  }

  void shards(Shards counters) {
    for (ShardCounter counter : ShardCounter.values()) {
      String name = "banyan_shard_" + counter.name().toLowerCase(Locale.ROOT);
      if (GAUGES.contains(counter)) {
        gauge(name, counter.sentence(), () -> counters.get(counter));
      } else {
        counter(name, counter.sentence(), () -> counters.get(counter));
      }
    }
    CounterWithCallback.builder()
        .name("banyan_dropped")
        .help("Datagrams, or parts of them, that went no further, by reason.")
        .labelNames("reason")
        .callback(
            callback -> {
              for (DropReason reason : DropReason.values()) {
                callback.call(counters.get(reason), reason.name().toLowerCase(Locale.ROOT));
              }
            })
        .register(registry);
  }

  void network(Shards shards) {
    counter(
        "banyan_udp_received",
        "datagrams read from the socket",
        () -> shards.network(IoCounters::receivedDatagrams));
    counter(
        "banyan_udp_receive_messages",
        "messages read from the socket; several datagrams each where the kernel coalesces",
        () -> shards.network(IoCounters::receivedMessages));
    counter(
        "banyan_udp_sent",
        "datagrams handed to the kernel",
        () -> shards.network(IoCounters::sentDatagrams));
    counter(
        "banyan_udp_send_calls",
        "messages handed to the kernel; several datagrams each with segmentation offload",
        () -> shards.network(IoCounters::sentMessages));
    counter(
        "banyan_udp_send_refusals",
        "datagrams that the kernel refused",
        () -> shards.network(IoCounters::sendRefusals));
    counter(
        "banyan_udp_receive_overflows",
        "messages that the kernel dropped because the socket's buffer was full",
        () -> shards.network(IoCounters::receiveOverflows));
    counter(
        "banyan_udp_truncated",
        "datagrams longer than a slot, dropped",
        () -> shards.network(IoCounters::receiveTruncated));
    counter(
        "banyan_udp_segmentation_fallbacks",
        "segmented sends that the path refused and that left one by one",
        () -> shards.network(IoCounters::segmentationFallbacks));
  }

  void handshakes(DtlsCounters dtls) {
    gauge("banyan_dtls_running", "DTLS handshakes now", dtls::running);
    counter("banyan_dtls_started", "DTLS handshakes begun", dtls::started);
    counter("banyan_dtls_completed", "DTLS handshakes that gave keys", dtls::completed);
    counter("banyan_dtls_failed", "DTLS handshakes that failed", dtls::failed);
    counter("banyan_dtls_timed_out", "DTLS handshakes not finished in time", dtls::timedOut);
    counter(
        "banyan_dtls_wrong_fingerprint",
        "peers whose certificate is not the one that signalling named",
        dtls::wrongFingerprint);
    counter(
        "banyan_dtls_dropped_overflow",
        "DTLS datagrams beyond what an association may queue",
        dtls::overflowed);
    counter(
        "banyan_dtls_discarded",
        "DTLS datagrams after the handshake that carried nothing: forged, replayed or repeated",
        dtls::discarded);
    counter("banyan_dtls_dropped_malformed", "datagrams that are no DTLS", dtls::malformed);
  }

  void links(RelayLinks links) {
    for (LinkCount count : LinkCount.values()) {
      counter(
          "banyan_link_" + count.name().toLowerCase(Locale.ROOT),
          count.sentence(),
          () -> links.count(count));
    }
    CounterWithCallback.builder()
        .name("banyan_link_refusals")
        .help("Offers, answers and wishes for a link that were refused, by reason.")
        .labelNames("reason")
        .callback(
            callback -> {
              for (OfferRefusal reason : OfferRefusal.values()) {
                callback.call(links.refusals(reason), reason.name().toLowerCase(Locale.ROOT));
              }
            })
        .register(registry);
    gauge("banyan_links", "links to other nodes that are up", () -> links.links().size());
    GaugeWithCallback.builder()
        .name("banyan_relay_rtt_seconds")
        .help("Smoothed round trip of the link to each node of the site.")
        .unit(Unit.SECONDS)
        .labelNames("node")
        .callback(
            callback ->
                links.links().forEach(l -> callback.call(Math.max(0, l.rttNs()) / 1e9, l.nodeId())))
        .register(registry);
    GaugeWithCallback.builder()
        .name("banyan_relay_loss_ratio")
        .help("Share of heartbeats that a node of the site lost on its way here, 0 to 1.")
        .labelNames("node")
        .callback(callback -> links.links().forEach(l -> callback.call(l.loss(), l.nodeId())))
        .register(registry);
  }

  void data(DataPlane data) {
    for (DataCount count : DataCount.values()) {
      counter(
          "banyan_data_" + count.name().toLowerCase(Locale.ROOT),
          count.sentence(),
          () -> data.count(count));
    }
    for (SctpCount count : SctpCount.values()) {
      counter(
          "banyan_sctp_" + count.name().toLowerCase(Locale.ROOT),
          count.sentence(),
          () -> data.sctp().get(count));
    }
  }

  /** What the owner allows, and what it keeps out. */
  void volunteer(Volunteer volunteer) {
    gauge(
        "banyan_volunteer_line_bps",
        "what the node may send, in bit/s",
        () -> volunteer.view().lineBps());
    gauge(
        "banyan_volunteer_used_bps",
        "of that, what relays and viewers have been given",
        () -> volunteer.view().usedBps());
    gauge(
        "banyan_volunteer_month_bytes",
        "sent in this calendar month",
        () -> volunteer.view().monthBytes());
    CounterWithCallback.builder()
        .name("banyan_volunteer_refusals")
        .help("Relays and viewers that the owner's bounds kept out, by reason.")
        .labelNames("reason")
        .callback(
            callback -> {
              for (Refusal reason : Refusal.values()) {
                callback.call(
                    volunteer.refusals(reason).getAsLong(), reason.name().toLowerCase(Locale.ROOT));
              }
            })
        .register(registry);
  }

  void counter(String name, String sentence, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(sentence)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  void gauge(String name, String sentence, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(sentence)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }
}
