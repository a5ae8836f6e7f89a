package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.random.RandomGenerator;
import live.banyan.mesh.identity.NodeKey;
import live.banyan.mesh.wire.Endpoint;

/**
 * A node's part of the table: answers others, keeps what they store, and looks things up. Drive it
 * with {@link #step} and call it again at {@link #wakeNs}. Not thread safe.
 */
public final class Kademlia {
  static final long MS = 1_000_000L;
  private static final long NEVER = Long.MAX_VALUE;

  private static final int LOOKUPS_MAX = 64;

  /** Nodes that a path begins with. */
  private static final int SEEDS = 4;

  private static final int REFRESHES = 4;
  private static final int REFRESH_PATHS = 2;
  private static final long RETRY_NS = 5_000 * MS;
  private static final long UPKEEP_NS = 2_000 * MS;
  private static final long SILENT_NS = 60_000 * MS;
  private static final long REFRESH_NS = 120_000 * MS;

  private final Contact self;
  private final boolean client;
  private final DhtConfig config;
  private final RoutingTable table;
  private final Answers answers;
  private final Questions questions;
  private final Map<Long, Search> searches = new LinkedHashMap<>();

  /** Those of which something has changed in this step. */
  private final SequencedSet<Long> touched = new LinkedHashSet<>();

  private List<Endpoint> bootstraps = List.of();
  private boolean joined;
  private long ownId = -1;
  private long joinNs = NEVER;
  private long upkeepNs = NEVER;
  private long refreshNs = NEVER;

  /**
   * A node that knows nobody yet.
   *
   * @param nodeId 32 hex digits
   * @param endpoint where others reach it
   * @param client true for a node that cannot be asked, behind NAT: nobody names it to others
   * @param random a cryptographic source, here and in {@link #step}
   */
  public Kademlia(
      String nodeId,
      Endpoint endpoint,
      boolean client,
      DhtConfig config,
      RandomGenerator random,
      long nowNs) {
    if (!NodeKey.isNodeId(nodeId)) {
      throw new IllegalArgumentException("no node id: " + nodeId);
    }
    this.self = Contact.of(nodeId, endpoint);
    this.client = client;
    this.config = config;
    this.table = new RoutingTable(self.position());
    this.answers = new Answers(self, table, config, random, nowNs);
    this.questions = new Questions(client ? "" : nodeId);
  }

  /** Something has happened; what is to be done about it, in order. */
  public List<DhtAction> step(DhtEvent event, long nowNs, RandomGenerator random) {
    DhtStep at = new DhtStep(nowNs, random);
    switch (event) {
      case DhtEvent.Join e -> {
        bootstraps = e.bootstraps();
        joinNs = nowNs;
        upkeepNs = nowNs + UPKEEP_NS;
      }
      case DhtEvent.Get e ->
          open(at, e.id(), new Search.Get(e.target(), e.enough()), config.paths());
      case DhtEvent.Put e ->
          open(at, e.id(), new Search.Put(e.target(), e.record()), config.paths());
      case DhtEvent.Heard e -> heard(at, e);
      case DhtEvent.Tick e -> {}
    }
    questions.overdue(nowNs, question -> late(question), question -> unanswered(at, question));
    advance(at);
    return at.actions;
  }

  /** When {@link DhtEvent.Tick} is due; {@code Long.MAX_VALUE}: never. */
  public long wakeNs() {
    long own = Math.min(joinNs, Math.min(upkeepNs, refreshNs));
    return Math.min(own, questions.wakeNs());
  }

  /** The nodes that have answered, nearest first, at most {@code count}. */
  public List<Contact> contacts(int count) {
    return table.closest(self.position(), count);
  }

  /** Records kept for others. */
  public int records() {
    return answers.records();
  }

  private void heard(DhtStep at, DhtEvent.Heard heard) {
    Endpoint from = heard.from();
    switch (heard.message()) {
      case DhtMessage.Find m ->
          verify(at, m.fromId(), from, answers.find(at, from, m, heard.bytes()));
      case DhtMessage.Store m -> verify(at, m.fromId(), from, answers.store(at, from, m));
      case DhtMessage.OtherVersion m -> answers.otherVersion(at, from, m);
      case DhtMessage.Found m -> found(at, from, m);
      case DhtMessage.Token m -> {
        Question question = questions.take(m.number(), from);
        if (question == null || question.repeated()) {
          at.count(DhtAction.Count.ANSWER_UNASKED);
        } else {
          questions.learn(from, m.token());
          questions.again(at, question);
        }
      }
      case DhtMessage.Stored m -> {
        Question question = questions.take(m.number(), from);
        if (question == null) {
          at.count(DhtAction.Count.ANSWER_UNASKED);
        } else {
          stored(question, m.kept());
        }
      }
      case DhtMessage.Versions m -> {
        Question question = questions.take(m.number(), from);
        if (question == null) {
          at.count(DhtAction.Count.ANSWER_UNASKED);
        } else {
          // It speaks nothing that is spoken here.
          at.count(DhtAction.Count.OTHER_VERSION);
          unanswered(at, question);
        }
      }
    }
  }

  /** An asker who has shown a token is asked itself before others hear of it. */
  private void verify(DhtStep at, String fromId, Endpoint from, boolean shownToken) {
    if (shownToken && !fromId.isEmpty()) {
      Contact contact = Contact.of(fromId, from);
      if (table.hasRoom(contact) && !questions.isAsking(from)) {
        questions.find(at, contact, self.position(), Question.NO_SEARCH);
      }
    }
  }

  private void found(DhtStep at, Endpoint from, DhtMessage.Found m) {
    Question question = questions.take(m.number(), from);
    if (question == null) {
      at.count(DhtAction.Count.ANSWER_UNASKED);
      return;
    }
    String expected = question.contact().nodeId();
    boolean anybody = expected.equals(Question.ANYBODY);
    if (!m.at().equals(from) || !(anybody || expected.equals(m.fromId()))) {
      at.count(DhtAction.Count.ANSWER_FROM_ELSEWHERE);
      unanswered(at, question);
      return;
    }
    Contact contact = Contact.of(m.fromId(), from);
    questions.learn(from, m.token());
    if (!table.answered(contact, at.nowNs)) {
      table
          .oldest(contact, at.nowNs - SILENT_NS)
          .filter(old -> !questions.isAsking(old.endpoint()))
          .ifPresent(old -> questions.find(at, old, self.position(), Question.NO_SEARCH));
    }
    List<Contact> usable =
        m.contacts().stream().filter(c -> c.endpoint().isPublic() || !from.isPublic()).toList();
    Search search = searches.get(question.search());
    if (search != null) {
      touched.add(question.search());
      search.lookup.answered(contact, usable);
      if (search.take(at, question.search(), m.records(), config.wallMs(at.nowNs))) {
        close(at, question.search(), search);
      }
    }
  }

  private void stored(Question question, boolean kept) {
    if (searches.get(question.search()) instanceof Search.Put put) {
      touched.add(question.search());
      put.stored(kept);
    }
  }

  private void late(Question question) {
    Search search = searches.get(question.search());
    if (search != null && question.record() == null) {
      touched.add(question.search());
      search.lookup.late(question.contact());
    }
  }

  private void unanswered(DhtStep at, Question question) {
    at.count(DhtAction.Count.UNANSWERED);
    table.failed(question.contact());
    questions.forget(question.contact().endpoint());
    Search search = searches.get(question.search());
    if (search != null && question.record() == null) {
      touched.add(question.search());
      search.lookup.failed(question.contact());
    } else {
      stored(question, false);
    }
  }

  private void open(DhtStep at, long id, Search search, int paths) {
    if (searches.size() >= LOOKUPS_MAX || searches.containsKey(id)) {
      at.count(DhtAction.Count.BUSY);
      at.act(new DhtAction.Finished(id, 0));
      return;
    }
    List<Contact> near = table.closest(search.target, SEEDS * ((paths + 1) / 2));
    List<Contact> far = table.any(SEEDS * (paths / 2), at.random);
    search.lookup = new Lookup(search.target, self, near, far, paths);
    searches.put(id, search);
    touched.add(id);
  }

  private void close(DhtStep at, long id, Search search) {
    searches.remove(id);
    if (id >= 0) {
      at.act(new DhtAction.Finished(id, search.result()));
    }
  }

  private void advance(DhtStep at) {
    if (at.nowNs >= joinNs) {
      join(at);
    }
    if (at.nowNs >= upkeepNs) {
      upkeepNs = at.nowNs + UPKEEP_NS;
      answers.rotate(at);
      table
          .silent(at.nowNs - SILENT_NS)
          .filter(c -> !questions.isAsking(c.endpoint()))
          .ifPresent(c -> questions.find(at, c, self.position(), Question.NO_SEARCH));
    }
    // Whoever answers first would otherwise decide alone whom this node comes to know.
    if (!joined && table.size() > 0 && bootstraps.stream().noneMatch(questions::isAsking)) {
      joined = true;
      refreshNs = at.nowNs;
    }
    if (at.nowNs >= refreshNs) {
      refresh(at);
    }
    while (!touched.isEmpty()) {
      long id = touched.removeFirst();
      Search search = searches.get(id);
      if (search != null) {
        advance(at, id, search);
      }
    }
  }

  private void join(DhtStep at) {
    joinNs = at.nowNs + RETRY_NS;
    if (table.size() == 0) {
      for (Endpoint bootstrap : bootstraps) {
        if (!bootstrap.equals(self.endpoint()) && !questions.isAsking(bootstrap)) {
          Contact anybody = new Contact(Question.ANYBODY, bootstrap, self.position());
          questions.find(at, anybody, self.position(), Question.NO_SEARCH);
        }
      }
    }
  }

  /** Learns the neighbourhood, and some of the rest. */
  private void refresh(DhtStep at) {
    refreshNs = at.nowNs + REFRESH_NS + at.random.nextLong(REFRESH_NS / 4);
    open(at, ownId--, new Search.Get(self.position(), Integer.MAX_VALUE), config.paths());
    for (int i = 0; i < REFRESHES; i++) {
      Point target = Point.any(at.random);
      open(at, ownId--, new Search.Get(target, Integer.MAX_VALUE), REFRESH_PATHS);
    }
  }

  private void advance(DhtStep at, long id, Search search) {
    for (Contact contact : search.lookup.ask()) {
      if (!questions.find(at, contact, search.target, id)) {
        search.lookup.failed(contact);
        touched.add(id);
      }
    }
    if (search.lookup.done()) {
      if (search instanceof Search.Put put && !put.storing()) {
        List<Contact> nearest = new ArrayList<>(search.lookup.closest(config.replicas()));
        nearest.removeIf(c -> !questions.store(at, c, put.record, id));
        put.storeAt(nearest.size());
      }
      if (search.finished()) {
        close(at, id, search);
      }
    }
  }

  /** Whether this node answers nobody but those it asked. */
  public boolean isClient() {
    return client;
  }
}
