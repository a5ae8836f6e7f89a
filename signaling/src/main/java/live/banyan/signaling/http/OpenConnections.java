package live.banyan.signaling.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds connections so that whoever opens many and asks for nothing, or for one byte at a time,
 * keeps nobody else out. A connection <em>waits</em> while no request is being answered on it, its
 * head still being sent included; those that wait have a time, give place to newcomers, and are few
 * per address. To be used on the server's event loop only.
 */
final class OpenConnections {
  /** Connections of one address that may wait; the oldest of more is closed. */
  static final int WAITING_PER_ADDRESS = 256;

  private final int max;
  private final long headMs;
  private final long idleMs;
  private final ClientAddress clients;
  private final HttpMetrics metrics;
  private final Map<HttpConnection, Visit> visits = new HashMap<>();
  private final Waiting waiting = new Waiting();
  private final Map<AddressPrefix, Waiting> byAddress = new HashMap<>();

  /**
   * No connections yet.
   *
   * @param max open connections
   * @param headMs from the connection to the end of its first request's head
   * @param idleMs from a response to the end of the next request's head
   */
  OpenConnections(int max, long headMs, long idleMs, ClientAddress clients, HttpMetrics metrics) {
    this.max = max;
    this.headMs = headMs;
    this.idleMs = idleMs;
    this.clients = clients;
    this.metrics = metrics;
  }

  private static final class Visit {
    final HttpConnection connection;
    final @Nullable AddressPrefix address;
    boolean asked;
    int requests;
    long deadlineMs;

    Visit(HttpConnection connection, @Nullable AddressPrefix address) {
      this.connection = connection;
      this.address = address;
    }
  }

  /** Who waits, in the order in which they began to. */
  private static final class Waiting {
    final LinkedHashSet<Visit> fresh = new LinkedHashSet<>();
    final LinkedHashSet<Visit> idle = new LinkedHashSet<>();

    void add(Visit visit) {
      (visit.asked ? idle : fresh).add(visit);
    }

    boolean remove(Visit visit) {
      return fresh.remove(visit) || idle.remove(visit);
    }

    int size() {
      return fresh.size() + idle.size();
    }

    /** Who has never asked for anything goes first: a client may be about to ask again. */
    Visit leastMissed() {
      return fresh.isEmpty() ? idle.getFirst() : fresh.getFirst();
    }
  }

  /** A connection is there; it may be closed at once. */
  void opened(HttpConnection connection) {
    if (visits.size() >= max) {
      if (waiting.size() == 0) {
        metrics.connectionsRefused.inc();
        connection.close();
        return;
      }
      abandon(waiting.leastMissed());
    }
    Optional<AddressPrefix> address = clients.holding(connection).map(AddressPrefix::of);
    Visit visit = new Visit(connection, address.orElse(null));
    visits.put(connection, visit);
    metrics.connections.set(visits.size());
    connection.closeHandler(closed -> forget(visit));
    await(visit, nowMs() + headMs);
  }

  /** A request's head is there; its connection waits no longer. */
  void requested(RoutingContext context) {
    Visit visit = visits.get(context.request().connection());
    if (visit != null) {
      visit.requests++;
      leave(visit);
      visit.asked = true;
      context.addEndHandler(ended -> answered(visit));
    }
    context.next();
  }

  private void answered(Visit visit) {
    visit.requests--;
    if (visit.requests == 0 && visits.containsKey(visit.connection)) {
      await(visit, nowMs() + idleMs);
    }
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  private void await(Visit visit, long deadlineMs) {
    visit.deadlineMs = deadlineMs;
    if (visit.address != null) {
      Waiting others = byAddress.get(visit.address);
      if (others != null && others.size() >= WAITING_PER_ADDRESS) {
        abandon(others.leastMissed());
      }
      byAddress.computeIfAbsent(visit.address, address -> new Waiting()).add(visit);
    }
    waiting.add(visit);
  }

  private void leave(Visit visit) {
    if (!waiting.remove(visit) || visit.address == null) {
      return;
    }
    Waiting others = byAddress.get(visit.address);
    if (others != null) {
      others.remove(visit);
      if (others.size() == 0) {
        byAddress.remove(visit.address);
      }
    }
  }

  /** Closes what has waited too long; to be called about once a second. */
  void sweep() {
    long nowMs = nowMs();
    List<Visit> late = new ArrayList<>();
    for (LinkedHashSet<Visit> some : List.of(waiting.fresh, waiting.idle)) {
      for (Visit visit : some) {
        if (visit.deadlineMs - nowMs >= 0) {
          break; // all of one kind have as much time, so the others are later still
        }
        late.add(visit);
      }
    }
    late.forEach(this::abandon);
  }

  private void abandon(Visit visit) {
    metrics.connectionsAbandoned.inc();
    forget(visit);
    visit.connection.close();
  }

  private void forget(Visit visit) {
    leave(visit);
    visits.remove(visit.connection);
    metrics.connections.set(visits.size());
  }
}
