package live.banyan.node.control;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import live.banyan.node.control.LocalStream.Viewer;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.ShardCommand;

/**
 * A stream's tracks at the shard, which live for one epoch; viewers' subscriptions move from one
 * epoch's to the next one's. Owned by the control thread.
 */
final class StreamTracks {
  private final Consumer<ShardCommand> shard;
  private final Relays relays;
  private final AtomicLong ids;

  StreamTracks(Consumer<ShardCommand> shard, Relays relays, AtomicLong ids) {
    this.shard = shard;
    this.relays = relays;
    this.ids = ids;
  }

  /**
   * Opens an epoch's tracks in place of the last one's.
   *
   * @param extensions identifiers per track
   */
  void begin(
      LocalStream stream,
      long epoch,
      StreamDescription description,
      List<ExtensionMap> extensions) {
    end(stream);
    stream.epoch = epoch;
    stream.live = false;
    stream.description = description;
    stream.trackIds = new long[description.tracks().size()];
    stream.needs = new int[stream.trackIds.length];
    for (int i = 0; i < stream.trackIds.length; i++) {
      StreamDescription.Track track = description.tracks().get(i);
      stream.trackIds[i] = ids.incrementAndGet();
      shard.accept(
          new ShardCommand.OpenTrack(
              stream.trackIds[i], track.parsedCodec(), track.layers(), extensions.get(i)));
    }
    stream.viewers.values().forEach(viewer -> move(stream, viewer));
  }

  private void move(LocalStream stream, Viewer viewer) {
    viewer
        .subscriptions()
        .forEach(
            (kind, subscription) -> {
              long track = stream.trackOf(kind);
              if (track >= 0) {
                shard.accept(new ShardCommand.MoveSubscription(subscription, track));
              }
            });
  }

  /** Closes the tracks, with what parents feed and children take of them. */
  void end(LocalStream stream) {
    relays.closeAll(stream);
    for (long trackId : stream.trackIds) {
      shard.accept(new ShardCommand.CloseTrack(trackId));
    }
    relays.forgetParents(stream);
    stream.trackIds = new long[0];
  }
}
