package live.banyan.signaling.session;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import live.banyan.signaling.auth.Grant;

/** The open sessions, by id, and the places that are held for those being opened. Thread-safe. */
public final class SessionTable {
  private static final int ID_BYTES = 16;
  private static final int ETAG_BYTES = 9;

  private final Map<String, Session> sessions = new HashMap<>();
  private final Set<String> opening = new HashSet<>();
  private final SecureRandom random = new SecureRandom();
  private final int max;

  /** At most {@code max} sessions, those being opened included. */
  public SessionTable(int max) {
    this.max = max;
  }

  /** Holds a place for a session that is being opened; false when all are taken. */
  synchronized boolean hold(String id) {
    return sessions.size() + opening.size() < max && opening.add(id);
  }

  /** Turns a held place into a session; false when the session ended while it was being opened. */
  synchronized boolean add(Session session) {
    if (!opening.remove(session.id())) {
      return false;
    }
    sessions.put(session.id(), session);
    return true;
  }

  synchronized Optional<Session> find(String id) {
    return Optional.ofNullable(sessions.get(id));
  }

  /** Replaces a session's record unless another change was quicker. */
  synchronized boolean replace(Session before, Session after) {
    return sessions.replace(before.id(), before, after);
  }

  /** Takes a session or a held place out; false when it is gone already. */
  public synchronized boolean remove(String id) {
    return opening.remove(id) | sessions.remove(id) != null;
  }

  /** How many are open, by kind. */
  public synchronized long count(Grant grant) {
    return sessions.values().stream().filter(session -> session.grant() == grant).count();
  }

  /** 128 random bits in base64url. */
  String newId() {
    return random(ID_BYTES);
  }

  String newEtag() {
    return '"' + random(ETAG_BYTES) + '"';
  }

  /** For the {@code o=} line: 62 random bits (RFC 9429 §5.2.1). */
  long newSessionNumber() {
    return random.nextLong() & (-1L >>> 2);
  }

  private String random(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }
}
