package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import live.banyan.mesh.wire.Endpoint;
import org.jspecify.annotations.Nullable;

/** What this node has asked and not been told, and the tokens that others gave it. */
final class Questions {
  private static final int OPEN_MAX = 1_024;
  private static final int TOKENS_MAX = 2_048;

  /** Longer than the round trip between most nodes: then somebody else is asked meanwhile. */
  private static final long LATE_NS = 200 * Kademlia.MS;

  private static final long TIMEOUT_NS = 1_000 * Kademlia.MS;

  private final String fromId;
  private final Map<Long, Question> open = new LinkedHashMap<>();
  private final Map<Endpoint, Integer> asking = new HashMap<>();
  private final Map<Endpoint, Long> tokens =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Endpoint, Long> eldest) {
          return size() > TOKENS_MAX;
        }
      };
  private long lateBeforeNs = Long.MIN_VALUE;

  Questions(String fromId) {
    this.fromId = fromId;
  }

  boolean isAsking(Endpoint endpoint) {
    return asking.containsKey(endpoint);
  }

  void learn(Endpoint from, long token) {
    tokens.put(from, token);
  }

  void forget(Endpoint endpoint) {
    tokens.remove(endpoint);
  }

  /** Asks; false when too much is open already. */
  boolean find(DhtStep at, Contact contact, Point target, long search) {
    return ask(at, new Question(contact, target, search, null, false, at.nowNs));
  }

  /** Has a record kept; false when the node has given no token, or too much is open already. */
  boolean store(DhtStep at, Contact contact, byte[] record, long search) {
    return tokens.containsKey(contact.endpoint())
        && ask(at, new Question(contact, contact.position(), search, record, false, at.nowNs));
  }

  /** Asks once more, with the token that the node has demanded. */
  void again(DhtStep at, Question q) {
    ask(at, new Question(q.contact(), q.target(), q.search(), q.record(), true, at.nowNs));
  }

  private boolean ask(DhtStep at, Question question) {
    if (open.size() >= OPEN_MAX) {
      at.count(DhtAction.Count.BUSY);
      return false;
    }
    long number = at.random.nextLong() & Long.MAX_VALUE;
    Endpoint to = question.contact().endpoint();
    long token = tokens.getOrDefault(to, 0L);
    open.put(number, question);
    asking.merge(to, 1, Integer::sum);
    byte[] record = question.record();
    at.send(
        to,
        record == null
            ? new DhtMessage.Find(number, fromId, question.target(), token, token == 0)
            : new DhtMessage.Store(number, fromId, token, record));
    at.count(DhtAction.Count.QUESTION);
    return true;
  }

  /** The question that an answer belongs to, once; null when nobody there was asked that. */
  @Nullable Question take(long number, Endpoint from) {
    Question question = open.get(number);
    if (question == null || !question.contact().endpoint().equals(from)) {
      return null;
    }
    remove(number, question);
    return question;
  }

  private void remove(long number, Question question) {
    open.remove(number);
    asking.computeIfPresent(
        question.contact().endpoint(), (to, count) -> count == 1 ? null : count - 1);
  }

  /** Tells what has become late since the last time, and what will not be answered any more. */
  void overdue(long nowNs, Consumer<Question> late, Consumer<Question> unanswered) {
    List<Map.Entry<Long, Question>> over = new ArrayList<>();
    for (Map.Entry<Long, Question> entry : open.entrySet()) {
      long askedNs = entry.getValue().askedNs();
      if (askedNs + LATE_NS > nowNs) {
        break; // they lie in the order in which they were asked
      }
      if (askedNs + TIMEOUT_NS <= nowNs) {
        over.add(Map.entry(entry.getKey(), entry.getValue()));
      } else if (askedNs + LATE_NS > lateBeforeNs) {
        late.accept(entry.getValue());
      }
    }
    lateBeforeNs = nowNs;
    over.forEach(entry -> remove(entry.getKey(), entry.getValue()));
    over.forEach(entry -> unanswered.accept(entry.getValue()));
  }

  long wakeNs() {
    for (Question question : open.values()) {
      if (question.askedNs() + LATE_NS > lateBeforeNs) {
        long first = open.values().iterator().next().askedNs() + TIMEOUT_NS;
        return Math.min(first, question.askedNs() + LATE_NS);
      }
    }
    return open.isEmpty() ? Long.MAX_VALUE : open.values().iterator().next().askedNs() + TIMEOUT_NS;
  }
}
