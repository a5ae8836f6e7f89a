package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import live.banyan.mesh.wire.Endpoint;

/**
 * What this node does for others. Nobody gets an answer longer than the question who has not shown
 * that answers reach the address, so nothing is gained by asking in another's name.
 */
final class Answers {
  /** FOUND without contacts and records: envelope, number, two IPv6 addresses, token, heads. */
  private static final int FOUND_BYTES = 190;

  /** An id and an IPv6 address with their heads. */
  private static final int CONTACT_BYTES = 36;

  private static final int RECORD_HEAD_BYTES = 3;

  /** Room that records leave to contacts. */
  private static final int CONTACTS_LEAST = 6;

  private final Contact self;
  private final RoutingTable table;
  private final DhtConfig config;
  private final RecordStore store = new RecordStore();
  private final Tokens tokens;
  private final Rates rates;

  Answers(Contact self, RoutingTable table, DhtConfig config, RandomGenerator random, long nowNs) {
    this.self = self;
    this.table = table;
    this.config = config;
    this.tokens = new Tokens(random, nowNs);
    this.rates = new Rates(config.perSecond(), config.burst(), random.nextLong());
  }

  int records() {
    return store.size();
  }

  void rotate(DhtStep at) {
    tokens.rotate(at.random, at.nowNs);
  }

  /**
   * @return whether the asker has shown that it gets what is sent to its address
   */
  boolean find(DhtStep at, Endpoint from, DhtMessage.Find m, int bytes) {
    if (!rates.admits(from, at.nowNs)) {
      at.count(DhtAction.Count.RATE_LIMITED);
      return false;
    }
    boolean shown = tokens.isValid(from, m.token());
    int room = (shown ? DhtCodec.BYTES_MAX : Math.min(bytes, DhtCodec.BYTES_MAX)) - FOUND_BYTES;
    if (room < CONTACT_BYTES) {
      at.count(DhtAction.Count.TOKEN_DEMANDED);
      at.send(from, new DhtMessage.Token(m.number(), tokens.of(from)));
      return false;
    }
    List<byte[]> records = new ArrayList<>();
    for (byte[] record : store.at(m.target(), DhtCodec.RECORDS_MAX, at.nowNs, at.random)) {
      int needed = RECORD_HEAD_BYTES + record.length;
      if (room - needed >= (records.isEmpty() ? 0 : CONTACTS_LEAST * CONTACT_BYTES)) {
        records.add(record);
        room -= needed;
      }
    }
    int count = Math.min(DhtCodec.CONTACTS_MAX, room / CONTACT_BYTES);
    List<Contact> nearest = new ArrayList<>(table.closest(m.target(), count + 1));
    nearest.removeIf(c -> c.endpoint().equals(from));
    List<Contact> contacts = nearest.subList(0, Math.min(count, nearest.size()));
    at.send(
        from,
        new DhtMessage.Found(
            m.number(),
            self.nodeId(),
            self.endpoint(),
            from,
            tokens.of(from),
            List.copyOf(contacts),
            List.copyOf(records)));
    return shown;
  }

  /**
   * @return whether the asker has shown that it gets what is sent to its address
   */
  boolean store(DhtStep at, Endpoint from, DhtMessage.Store m) {
    if (!rates.admits(from, at.nowNs)) {
      at.count(DhtAction.Count.RATE_LIMITED);
      return false;
    }
    if (!tokens.isValid(from, m.token())) {
      at.count(DhtAction.Count.TOKEN_DEMANDED);
      at.send(from, new DhtMessage.Token(m.number(), tokens.of(from)));
      return false;
    }
    RecordStore.Outcome outcome = store.put(m.record(), from, at.nowNs, config.wallMs(at.nowNs));
    at.count(
        switch (outcome) {
          case KEPT -> DhtAction.Count.RECORD_KEPT;
          case FULL -> DhtAction.Count.RECORD_NO_ROOM;
          case REFUSED -> DhtAction.Count.RECORD_REFUSED;
        });
    at.send(from, new DhtMessage.Stored(m.number(), outcome == RecordStore.Outcome.KEPT));
    return true;
  }

  void otherVersion(DhtStep at, Endpoint from, DhtMessage.OtherVersion m) {
    if (rates.admits(from, at.nowNs)) {
      at.count(DhtAction.Count.OTHER_VERSION);
      at.send(from, new DhtMessage.Versions(m.number(), DhtCodec.VERSION, DhtCodec.VERSION));
    } else {
      at.count(DhtAction.Count.RATE_LIMITED);
    }
  }
}
