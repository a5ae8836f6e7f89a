package live.banyan.signaling.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import live.banyan.signaling.http.EventStreams.Out;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.Sound;
import live.banyan.signaling.port.MediaPlane.VideoLayer;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.port.StreamDirectory.Move;
import live.banyan.signaling.port.StreamDirectory.State;
import live.banyan.signaling.port.StreamDirectory.StateChanged;
import live.banyan.signaling.port.StreamDirectory.StreamEvent;
import live.banyan.signaling.port.StreamDirectory.Watch;
import live.banyan.signaling.session.LayerList;
import live.banyan.signaling.session.Session;
import live.banyan.signaling.session.ViewerEvent;
import live.banyan.signaling.session.ViewerResource;
import org.jspecify.annotations.Nullable;

/**
 * The server-sent events of viewers' sessions (draft-ietf-wish-whep-00, "Server Sent Events
 * extension"). One stream per session, the newest; it ends with the session. To be used from one
 * event loop.
 */
final class ViewerEvents {
  /**
   * How often layers, viewer counts and sessions are looked at; once per stream, not per viewer.
   */
  private static final long LOOK_MS = 1_000;

  /** Likewise for sounds: whoever speaks shall be seen soon. */
  private static final long LISTEN_MS = 250;

  private static final int LOUDER_DB = 6;

  private final MediaPlane plane;
  private final StreamDirectory directory;
  private final ViewerResource resource;
  private final EventStreams streams;
  private final Map<String, Viewer> viewers = new HashMap<>();
  private long turns;

  ViewerEvents(
      MediaPlane plane, StreamDirectory directory, ViewerResource resource, EventStreams streams) {
    this.plane = plane;
    this.directory = directory;
    this.resource = resource;
    this.streams = streams;
  }

  /** Starts looking; gives the timer. */
  long start(Vertx vertx) {
    Context loop = vertx.getOrCreateContext();
    return vertx.setPeriodic(LISTEN_MS, tick -> turn(loop));
  }

  private void turn(Context loop) {
    if (++turns % (LOOK_MS / LISTEN_MS) == 0) {
      look(loop);
    }
    listen(loop);
  }

  private void listen(Context loop) {
    Map<String, List<Viewer>> byStream = new HashMap<>();
    for (Viewer viewer : viewers.values()) {
      if (viewer.wanted.contains(ViewerEvent.SOUND)) {
        byStream.computeIfAbsent(viewer.session.stream(), s -> new ArrayList<>()).add(viewer);
      }
    }
    byStream.forEach(
        (stream, some) ->
            plane
                .sound(stream)
                .thenAccept(
                    sound ->
                        sound.ifPresent(
                            now -> loop.runOnContext(v -> some.forEach(it -> it.sound(now))))));
  }

  /** Answers with an endless response of the events that the query asks for. */
  void open(RoutingContext context, String id) {
    Session session = resource.watching(context, id);
    if (session == null) {
      return;
    }
    List<String> types = context.queryParam(ViewerResource.TYPES);
    Set<ViewerEvent> wanted = ViewerEvent.of(String.join(",", types));
    Context loop = context.vertx().getOrCreateContext();
    streams.open(context, out -> follow(new Viewer(session, wanted, out), loop));
  }

  private Watch follow(Viewer viewer, Context loop) {
    String id = viewer.session.id();
    Viewer former = viewers.put(id, viewer);
    if (former != null) {
      former.out.end();
    }
    String stream = viewer.session.stream();
    Watch watch = directory.watch(stream, event -> loop.runOnContext(now -> viewer.heard(event)));
    askLayers(stream, List.of(viewer), loop);
    return () -> {
      viewers.remove(id, viewer);
      watch.close();
    };
  }

  private void look(Context loop) {
    Map<String, List<Viewer>> byStream = new HashMap<>();
    for (Viewer viewer : List.copyOf(viewers.values())) {
      if (resource.lives(viewer.session)) {
        viewer.count();
        byStream.computeIfAbsent(viewer.session.stream(), s -> new ArrayList<>()).add(viewer);
      } else {
        viewer.out.end();
      }
    }
    byStream.forEach((stream, some) -> askLayers(stream, some, loop));
  }

  /** Without an answer nothing is told; the next look asks again. */
  private void askLayers(String stream, List<Viewer> some, Context loop) {
    plane
        .layers(stream)
        .thenAccept(
            layers -> loop.runOnContext(now -> some.forEach(viewer -> viewer.layers(layers))));
  }

  private static final class Viewer {
    final Session session;
    final Out out;
    private final Set<ViewerEvent> wanted;
    private boolean active;
    private int present = -1;
    private int told = -1;
    private List<VideoLayer> layers = List.of();
    private @Nullable Sound sound;

    Viewer(Session session, Set<ViewerEvent> wanted, Out out) {
      this.session = session;
      this.wanted = wanted;
      this.out = out;
    }

    void heard(StreamEvent event) {
      switch (event) {
        case StateChanged changed -> {
          // The draft wants no "inactive" before the first "active".
          boolean live = changed.stream().state() == State.LIVE;
          if (live != active) {
            active = live;
            tell(live ? ViewerEvent.ACTIVE : ViewerEvent.INACTIVE, "{}");
          }
          present = changed.stream().viewers();
          if (told < 0) {
            count();
          }
        }
        case Move move -> {}
      }
    }

    void count() {
      if (present != told) {
        told = present;
        tell(ViewerEvent.VIEWERCOUNT, "{\"viewercount\":" + present + "}");
      }
    }

    void layers(List<VideoLayer> now) {
      if (!now.equals(layers)) {
        layers = now;
        tell(ViewerEvent.LAYERS, LayerList.json(session.videoSection(), now));
      }
    }

    void sound(Sound now) {
      Sound before = sound;
      if (before == null
          || before.speaking() != now.speaking()
          || Math.abs(before.levelDbov() - now.levelDbov()) >= LOUDER_DB) {
        sound = now;
        tell(
            ViewerEvent.SOUND,
            "{\"speaking\":" + now.speaking() + ",\"level\":" + now.levelDbov() + "}");
      }
    }

    private void tell(ViewerEvent event, String json) {
      if (wanted.contains(event)) {
        out.tell("event: " + event.word() + "\ndata: " + json + "\n\n");
      }
    }
  }
}
