package live.banyan.mesh.kademlia;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.mesh.record.Checked;
import live.banyan.mesh.record.RecordRefusal;
import live.banyan.mesh.record.StoredRecord;

/** A lookup and what it is for. */
abstract sealed class Search {
  final Point target;

  @SuppressWarnings("NullAway.Init") // given when it is opened, before anything else
  Lookup lookup;

  private Search(Point target) {
    this.target = target;
  }

  /** Takes records that a node has answered with. @return whether there are enough now */
  abstract boolean take(DhtStep at, long id, List<byte[]> records, long wallMs);

  /** Whether nothing is left to do once the lookup is done. */
  abstract boolean finished();

  abstract int result();

  /** Records are wanted. */
  static final class Get extends Search {
    private final int enough;
    private final Map<String, StoredRecord> byWriter = new HashMap<>();

    Get(Point target, int enough) {
      super(target);
      this.enough = enough;
    }

    @Override
    boolean take(DhtStep at, long id, List<byte[]> records, long wallMs) {
      for (byte[] bytes : records) {
        if (byWriter.values().stream().anyMatch(r -> java.util.Arrays.equals(r.bytes(), bytes))) {
          continue;
        }
        switch (StoredRecord.check(bytes, wallMs)) {
          case Checked.Valid<StoredRecord>(StoredRecord record) -> take(at, id, record);
          case Checked.Refused<StoredRecord>(RecordRefusal reason) ->
              at.count(DhtAction.Count.RECORD_REFUSED);
        }
      }
      return byWriter.size() >= enough;
    }

    private void take(DhtStep at, long id, StoredRecord record) {
      StoredRecord old = byWriter.get(record.writer());
      boolean newer = old == null || old.validity().issuedAtMs() < record.validity().issuedAtMs();
      if (!record.target().equals(target.hex())) {
        at.count(DhtAction.Count.RECORD_REFUSED);
      } else if (newer && byWriter.size() < 256) {
        byWriter.put(record.writer(), record);
        at.act(new DhtAction.Found(id, record));
      }
    }

    @Override
    boolean finished() {
      return true;
    }

    @Override
    int result() {
      return byWriter.size();
    }
  }

  /** A record is to be kept. */
  static final class Put extends Search {
    final byte[] record;
    private boolean storing;
    private int open;
    private int kept;

    Put(Point target, byte[] record) {
      super(target);
      this.record = record;
    }

    boolean storing() {
      return storing;
    }

    void storeAt(int nodes) {
      storing = true;
      open = nodes;
    }

    void stored(boolean done) {
      open--;
      kept += done ? 1 : 0;
    }

    @Override
    boolean take(DhtStep at, long id, List<byte[]> records, long wallMs) {
      return false;
    }

    @Override
    boolean finished() {
      return storing && open <= 0;
    }

    @Override
    int result() {
      return kept;
    }
  }
}
