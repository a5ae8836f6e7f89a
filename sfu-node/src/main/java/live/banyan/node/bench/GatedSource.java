package live.banyan.node.bench;

import live.banyan.sfu.client.MediaSource;
import live.banyan.sfu.codec.Codec;
import org.jspecify.annotations.Nullable;

/** Plays another source while its gate is open, so that contenders can take turns. */
final class GatedSource implements MediaSource {
  private static final long LOOK_NS = 10_000_000;

  private final MediaSource source;
  private volatile boolean open = true;
  private long polledNs;

  GatedSource(MediaSource source) {
    this.source = source;
  }

  /** From any thread. */
  void open(boolean opened) {
    open = opened;
  }

  @Override
  public @Nullable Codec videoCodec() {
    return source.videoCodec();
  }

  @Override
  public boolean hasAudio() {
    return source.hasAudio();
  }

  @Override
  public int payloadBytesMax() {
    return source.payloadBytesMax();
  }

  @Override
  public int packetsPerSecondMax() {
    return source.packetsPerSecondMax();
  }

  @Override
  public boolean captureTimeOnAll() {
    return source.captureTimeOnAll();
  }

  @Override
  public void start(long nowNs) {
    polledNs = nowNs;
    source.start(nowNs);
  }

  @Override
  public void poll(long nowNs, Output output) {
    polledNs = nowNs;
    if (open) {
      source.poll(nowNs, output);
    }
  }

  @Override
  public long nextDeadlineNs() {
    return open ? source.nextDeadlineNs() : polledNs + LOOK_NS;
  }

  @Override
  public void requestKeyframe() {
    source.requestKeyframe();
  }
}
