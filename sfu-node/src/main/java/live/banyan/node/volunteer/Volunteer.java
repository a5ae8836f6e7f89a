package live.banyan.node.volunteer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import live.banyan.mesh.policy.Admission;
import live.banyan.mesh.policy.Allowance;
import live.banyan.mesh.policy.Ask;
import live.banyan.mesh.policy.Choice;
import live.banyan.mesh.policy.MonthlyUse;
import live.banyan.mesh.policy.Refusal;
import live.banyan.mesh.policy.Verdict;
import live.banyan.node.control.Shedding;
import live.banyan.node.control.UplinkGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a node to what its owner allows: admits relays and viewers, and moves on those who may stay
 * no longer. Owned by the control thread, except {@link #view} and the counters.
 */
public final class Volunteer implements UplinkGate, AutoCloseable {
  /** A block has a second to take effect, moving included. */
  public static final long TICK_MS = 200;

  private static final Logger log = LoggerFactory.getLogger(Volunteer.class);
  private static final long SAVE_MS = 10_000;

  /** What a stream is taken for while nothing has come in to be measured. */
  private static final long STREAM_BPS = 2_500_000;

  private static final long STREAM_BPS_MIN = 200_000;
  private static final long STREAM_BPS_MAX = 20_000_000;

  /** Before anything was measured, where the owner has not said what the line has. */
  private static final long UNMEASURED_BPS = 4_000_000;

  /** What the node's page and metrics tell. */
  public record View(
      Allowance allowance,
      long lineBps,
      long usedBps,
      int places,
      long monthBytes,
      long sentBps,
      long streamBps) {}

  private final Admission admission;
  private final VolunteerConfig config;
  private final LongSupplier bytesIn;
  private final LongSupplier bytesOut;
  private final InstantSource clock;
  private final ZoneId zone;
  private final BlockList blockList;
  private final MonthFile monthFile;
  private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);
  private final Shed shed = new Shed();
  private MonthlyUse use;
  private long countedOut;
  private long countedIn;
  private long countedMs;
  private long savedMs;
  private long sentBps;
  private long streamBps = STREAM_BPS;
  private volatile View view;

  /**
   * Begins with what the data directory remembers.
   *
   * @param bytesIn received since the start
   * @param bytesOut sent since the start
   * @throws IOException when a file there cannot be read
   */
  public Volunteer(
      VolunteerConfig config,
      Path data,
      LongSupplier bytesIn,
      LongSupplier bytesOut,
      InstantSource clock,
      ZoneId zone)
      throws IOException {
    this.config = config;
    this.bytesIn = bytesIn;
    this.bytesOut = bytesOut;
    this.clock = clock;
    this.zone = zone;
    this.blockList = new BlockList(data);
    this.monthFile = new MonthFile(data);
    for (Refusal reason : Refusal.values()) {
      refusals.put(reason, new LongAdder());
    }
    long nowMs = clock.millis();
    use = monthFile.read(MonthlyUse.monthOf(nowMs, zone));
    long line = config.uplinkBps() == 0 ? UNMEASURED_BPS : config.uplinkBps();
    admission = new Admission(allowance(), line);
    countedMs = nowMs;
    savedMs = nowMs;
    tellTime(nowMs);
    view = look();
  }

  private Allowance allowance() throws IOException {
    List<String> blocked = new ArrayList<>(config.block());
    blocked.addAll(blockList.read());
    return config.allowance().blocking(new Choice(blocked));
  }

  // --- who may come -----------------------------------------------------------------------------

  @Override
  public Optional<String> child(String stream, String nodeId) {
    return admit(Shed.child(stream, nodeId), stream);
  }

  @Override
  public void childLeft(String stream, String nodeId) {
    leave(Shed.child(stream, nodeId));
  }

  @Override
  public Optional<String> viewer(String stream, String sessionId) {
    return admit(Shed.viewer(sessionId), stream);
  }

  @Override
  public void viewerLeft(String sessionId) {
    leave(Shed.viewer(sessionId));
  }

  private Optional<String> admit(String id, String stream) {
    return switch (admission.admit(new Ask(id, stream, 0, streamBps))) {
      case Verdict.Admitted admitted -> Optional.empty();
      case Verdict.Refused refused -> {
        count(refused.reason());
        yield Optional.of(said(refused.reason()));
      }
    };
  }

  private void leave(String id) {
    admission.release(id);
    shed.left(id);
  }

  /** A viewer's network has become known; empty when it may stay, else why not, as a sentence. */
  public Optional<String> located(String sessionId, long network) {
    return switch (admission.locate(Shed.viewer(sessionId), network)) {
      case Verdict.Admitted admitted -> Optional.empty();
      case Verdict.Refused refused -> {
        count(refused.reason());
        yield Optional.of(said(refused.reason()));
      }
    };
  }

  private void count(Refusal reason) {
    LongAdder counter = refusals.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  private static String said(Refusal reason) {
    String sentence = reason.sentence();
    return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1) + ".";
  }

  // --- who has to go ----------------------------------------------------------------------------

  /** What the line bears now, in bit/s; of that the owner's bound is taken. */
  public void measured(long bitsPerSecond) {
    admission.measured(bitsPerSecond);
  }

  /** Looks at files, clocks and counters, and moves on who may not stay; every {@link #TICK_MS}. */
  public void tick(Shedding way) {
    long nowMs = clock.millis();
    try {
      if (blockList.changed()) {
        admission.allow(allowance());
        log.info("what this node carries has changed");
      }
    } catch (IOException | IllegalArgumentException e) {
      log.warn("the list of what is blocked cannot be read; the last one counts: {}", e.toString());
    }
    meter(nowMs, way.streams());
    tellTime(nowMs);
    shed.move(admission.overdue(), way, nowMs);
    view = look();
  }

  private void meter(long nowMs, int streams) {
    long out = bytesOut.getAsLong();
    use = use.plus(out - countedOut, MonthlyUse.monthOf(nowMs, zone));
    double seconds = (nowMs - countedMs) / 1e3;
    if (seconds > 0) {
      long in = bytesIn.getAsLong();
      sentBps = smooth(sentBps, 8 * (out - countedOut) / seconds);
      double each = 8 * (in - countedIn) / seconds / Math.max(1, streams);
      if (streams > 0 && each > STREAM_BPS_MIN) {
        streamBps = Math.min(STREAM_BPS_MAX, smooth(streamBps, each));
      }
      countedIn = in;
      countedMs = nowMs;
    }
    countedOut = out;
    if (nowMs - savedMs >= SAVE_MS) {
      savedMs = nowMs;
      save();
    }
  }

  /** About the last two seconds. */
  private static long smooth(long before, double now) {
    return Math.max(0, Math.round(before + (now - before) / 10));
  }

  private void tellTime(long nowMs) {
    var local = Instant.ofEpochMilli(nowMs).atZone(zone);
    long bound = admission.allowance().monthBytes();
    admission.clock(60 * local.getHour() + local.getMinute(), bound > 0 && use.bytes() >= bound);
  }

  private View look() {
    return new View(
        admission.allowance(),
        admission.lineBps(),
        admission.usedBps(),
        admission.places(),
        use.bytes(),
        sentBps,
        streamBps);
  }

  private void save() {
    try {
      monthFile.write(use);
    } catch (IOException e) {
      log.warn("what was sent this month cannot be written down: {}", e.toString());
    }
  }

  // --- what is told -----------------------------------------------------------------------------

  /** As of the last tick; any thread. */
  public View view() {
    return view;
  }

  /** How often a reason has kept somebody out; any thread. */
  public LongSupplier refusals(Refusal reason) {
    LongAdder counter = refusals.get(reason);
    return counter == null ? () -> 0 : counter::sum;
  }

  /** Writes down what was sent; after the control thread's last task. */
  @Override
  public void close() {
    meter(clock.millis(), 0);
    save();
  }
}
