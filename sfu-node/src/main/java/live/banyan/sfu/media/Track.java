package live.banyan.sfu.media;

import java.util.Arrays;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;

/** One track of one epoch of a stream: its layers and who subscribes to it. Not thread safe. */
public final class Track implements AutoCloseable {
  private final long id;
  private final Codec codec;
  private final ExtensionMap extensions;
  private final Layer[] layers;
  private final Rungs rungs;
  private final HeaderTemplates templates = new HeaderTemplates();
  private final Runnable onAudience;
  private Subscription[] subscriptions = new Subscription[4];
  private int subscriptionCount;
  private boolean dirty;
  private long heldUntilNs = Long.MIN_VALUE;
  private boolean closed;

  /**
   * Opens a track with empty caches.
   *
   * @param slots packets that each layer's cache holds at first, a power of two
   * @param extensions identifiers in the packets as they arrive
   * @param room for caches that must hold more
   * @param onKeyframeWanted run when somebody begins to wait for a keyframe of some layer
   * @param onAudience run when the first subscriber has come and when the last has gone
   */
  public Track(
      long id,
      Codec codec,
      int layers,
      int slots,
      ExtensionMap extensions,
      CacheRoom room,
      Runnable onKeyframeWanted,
      Runnable onAudience) {
    this.onAudience = onAudience;
    this.id = id;
    this.codec = codec;
    this.extensions = extensions;
    this.layers = new Layer[layers];
    for (int i = 0; i < layers; i++) {
      this.layers[i] = new Layer(this, i, slots, room, onKeyframeWanted);
    }
    rungs = new Rungs(this.layers);
  }

  public long id() {
    return id;
  }

  public Codec codec() {
    return codec;
  }

  public ExtensionMap extensions() {
    return extensions;
  }

  public int layerCount() {
    return layers.length;
  }

  /** A layer, 0 being the lowest. */
  public Layer layer(int index) {
    return layers[index];
  }

  /** What viewers can be given of it. */
  Rungs rungs() {
    return rungs;
  }

  public int subscriptionCount() {
    return subscriptionCount;
  }

  /** A copy of the list of subscribers. */
  public List<Subscription> subscribers() {
    return List.of(Arrays.copyOf(subscriptions, subscriptionCount));
  }

  Subscription subscription(int i) {
    return subscriptions[i];
  }

  void add(Subscription subscription) {
    if (subscriptionCount == subscriptions.length) {
      subscriptions = Arrays.copyOf(subscriptions, subscriptionCount * 2);
    }
    subscriptions[subscriptionCount++] = subscription;
    subscription.share(templates);
    if (subscriptionCount == 1) {
      onAudience.run();
    }
  }

  void remove(Subscription subscription) {
    for (int i = 0; i < subscriptionCount; i++) {
      if (subscriptions[i] == subscription) {
        subscriptionCount--;
        System.arraycopy(subscriptions, i + 1, subscriptions, i, subscriptionCount - i);
        Arrays.fill(subscriptions, subscriptionCount, subscriptionCount + 1, null);
        if (subscriptionCount == 0) {
          onAudience.run();
        }
        return;
      }
    }
  }

  /** Marks that subscribers may have something to be sent. @return whether that is news */
  boolean markDirty() {
    boolean was = dirty;
    dirty = true;
    return !was;
  }

  boolean dirty() {
    return dirty;
  }

  void clean() {
    dirty = false;
    heldUntilNs = Long.MIN_VALUE;
  }

  /** Until when what is due may wait for the rest of its frame; in the past: it may not. */
  long heldUntilNs() {
    return heldUntilNs;
  }

  void holdUntil(long timeNs) {
    heldUntilNs = timeNs;
  }

  public boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    for (Layer layer : layers) {
      layer.close();
    }
  }
}
