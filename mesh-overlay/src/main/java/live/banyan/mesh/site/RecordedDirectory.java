package live.banyan.mesh.site;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;

/**
 * What a directory is on its own node: records that are read without waiting, and own records that
 * the caller sees at once and the listeners, and others, on the thread of {@link Callbacks}.
 */
abstract class RecordedDirectory implements Directory {
  /** The owner of this node's own records. */
  static final String OWN = "";

  private static final int DESCRIPTION_CHARS_MAX = 16 * 1024;

  final DirectoryRecords records = new DirectoryRecords();
  final Callbacks callbacks = new Callbacks();
  private volatile NodeRecord self;

  /** Changes of the own records; guarded by {@link #records}. */
  private long ownVersion;

  RecordedDirectory(NodeRecord self) {
    this.self = self;
  }

  /**
   * An own record has changed; on the callback thread.
   *
   * @param version counts these changes
   */
  abstract void tellOthers(long version, SiteRecord record);

  /** Changes of the own records so far; to be asked under the lock of {@link #records}. */
  final long ownVersion() {
    return ownVersion;
  }

  final void put(SiteRecord record) {
    synchronized (records) {
      List<DirectoryRecords.Told> told = records.put(OWN, record);
      long version = ++ownVersion;
      callbacks.run(
          () -> {
            callbacks.tell(told);
            tellOthers(version, record);
          });
    }
  }

  @Override
  public final NodeRecord self() {
    return self;
  }

  @Override
  public final void announce(NodeRecord changed) {
    self = changed;
    put(new SiteRecord.Node(changed));
  }

  @Override
  public final List<NodeRecord> nodes() {
    return records.nodes();
  }

  @Override
  public final Optional<NodeRecord> node(String nodeId) {
    return records.node(nodeId);
  }

  @Override
  public final void putStream(StreamRecord stream) {
    if (stream.description().length() > DESCRIPTION_CHARS_MAX) {
      throw new IllegalArgumentException("description of stream is too long");
    }
    put(new SiteRecord.Stream(stream));
  }

  @Override
  public final void removeStream(String name) {
    put(new SiteRecord.NoStream(name));
  }

  @Override
  public final Optional<StreamRecord> stream(String name) {
    return records.stream(name);
  }

  @Override
  public final List<StreamRecord> streams() {
    return records.streams();
  }

  @Override
  public final void putCarrier(CarrierRecord carrier) {
    put(new SiteRecord.Carrier(carrier));
  }

  @Override
  public final void removeCarrier(String stream) {
    put(new SiteRecord.NoCarrier(stream));
  }

  @Override
  public final List<CarrierRecord> carriers(String stream) {
    return records.carriers(stream);
  }

  @Override
  public final void listen(BiConsumer<Change, String> listener) {
    callbacks.listen(listener);
  }
}
