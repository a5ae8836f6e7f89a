package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;

import java.util.List;
import live.banyan.mesh.tree.Search.Cause;
import live.banyan.mesh.tree.TreeAction.Count;
import org.jspecify.annotations.Nullable;

/**
 * From one parent to the next: the old one is left when the new one's media is here, or has gone by
 * itself.
 */
final class Handover {
  private final Departures departures;
  private final Broadcast broadcast;
  private final Seats seats;
  private final Prospects prospects;
  private final Search search;
  private final Patience patience;
  private final Backups backups;
  private final Switchover switchover;

  /** The epoch of the media that was last attached; positions of another are worth nothing. */
  private long mediaEpoch = -1;

  /** The parent that was lost last was the ingest. */
  private boolean lostIngest;

  Handover(
      Departures departures,
      Broadcast broadcast,
      Seats seats,
      Prospects prospects,
      Search search,
      Patience patience,
      Backups backups,
      Switchover switchover) {
    this.departures = departures;
    this.broadcast = broadcast;
    this.seats = seats;
    this.prospects = prospects;
    this.search = search;
    this.patience = patience;
    this.backups = backups;
    this.switchover = switchover;
  }

  boolean hadMedia() {
    return mediaEpoch >= 0;
  }

  /** What is here is of the epoch that is wanted: a new parent needs to send only the rest. */
  boolean hasPositions() {
    return mediaEpoch == broadcast.epoch;
  }

  private Seat attach(Step at, Attempt.Offer offer) {
    at.act(new TreeAction.AttachParent(offer.parentId(), offer.epoch(), offer.description()));
    mediaEpoch = offer.epoch();
    return new Seat(offer, at.nowNs);
  }

  /** One of several backups has accepted this node. */
  void takeBackup(Step at, Attempt.Offer offer) {
    switchover.seat(attach(at, offer));
  }

  /** A parent has accepted this node. */
  void take(Step at, Attempt.Offer offer) {
    Seat seat = attach(at, offer);
    Seat current = seats.parent;
    seats.next = seat;
    if (current == null
        || current.parentId.equals(seat.parentId)
        || current.epoch < seat.epoch
        || !broadcast.live) {
      promote(at);
    }
  }

  /** A backup's media has come first: it is the parent. */
  void switched(Step at, Seat winner) {
    at.count(Count.SWITCH);
    backups.remove(at, winner.parentId);
    switchover.stop(at);
    seats.next = winner;
    promote(at);
  }

  /** The parent has failed: its backups are asked, or a search begins. */
  void failed(Step at, Cause why) {
    List<Backup> ready = backups.ready();
    if (ready.isEmpty()) {
      search.start(at, why);
    } else {
      search.stop(at);
      switchover.start(at, why, ready, broadcast.epoch, hasPositions());
    }
  }

  /** The new parent is the parent. */
  void promote(Step at) {
    Seat old = seats.parent;
    Seat now = seats.next;
    if (now == null) {
      return;
    }
    seats.parent = now;
    seats.next = null;
    broadcast.epoch = Math.max(broadcast.epoch, now.epoch); // before the directory names it
    if (search.on() && search.cause() != Cause.FIRST && search.cause() != Cause.EPOCH) {
      at.count(search.cause() == Cause.DRAIN ? Count.MOVE : Count.FAILOVER);
    }
    search.stop(at);
    patience.reset();
    if (old != null && !old.parentId.equals(now.parentId)) {
      leave(at, old);
    }
    if (now.epoch < broadcast.epoch) {
      search.start(at, Cause.EPOCH);
    }
  }

  void preferIngest() {
    if (lostIngest) {
      prospects.prefer(broadcast.ingest);
    }
  }

  /** The parent's seat is void; the new parent moves up, or the search begins. */
  void parentGone(Step at, long avoidNs) {
    Seat gone = seats.parent;
    if (gone == null) {
      return;
    }
    at.act(new TreeAction.DetachParent(gone.parentId));
    seats.parent = null;
    patience.mediaIsBack();
    prospects.avoid(at, gone.parentId, avoidNs);
    if (seats.next != null) {
      promote(at);
      return;
    }
    prospects.remember(gone.ancestors());
    lostIngest = gone.parentIsRoot();
    if (switchover.on()) {
      switchover.worsen();
    } else {
      failed(at, Cause.LOST);
    }
  }

  /** The new parent's seat is void. */
  void nextGone(Step at, long avoidNs) {
    Seat gone = seats.next;
    if (gone != null) {
      at.act(new TreeAction.DetachParent(gone.parentId));
      seats.next = null;
      prospects.avoid(at, gone.parentId, avoidNs);
    }
  }

  /** The new parent does not come up to what it promised. */
  void giveUpNext(Step at) {
    Seat given = seats.next;
    if (given != null) {
      seats.next = null;
      leave(at, given);
      prospects.avoid(at, given.parentId, 2_000 * MS);
    }
  }

  /** Leaves both. */
  void leaveAll(Step at) {
    leaveIfThere(at, seats.next);
    seats.next = null;
    leaveIfThere(at, seats.parent);
    seats.parent = null;
  }

  private void leaveIfThere(Step at, @Nullable Seat seat) {
    if (seat != null) {
      leave(at, seat);
    }
  }

  private void leave(Step at, Seat seat) {
    at.act(new TreeAction.DetachParent(seat.parentId));
    departures.leave(at, seat.parentId, seat.attempt);
  }
}
