package live.banyan.sfu.relay;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a link tell each other over the directory's bus, as JSON of at most 4 KiB:
 * {@code {"min":1,"max":1,"ufrag":..,"pwd":..,"fingerprint":..,"candidates":[{"type":"host",
 * "address":"10.0.0.1:8090"}]}}. Unknown members and unknown candidate types are skipped, so that
 * later versions may add some.
 *
 * @param minVersion oldest version of {@link LinkMessage} that the sender speaks
 * @param maxVersion newest version
 * @param ufrag ICE user fragment, 4 to 256 characters
 * @param password ICE password, 22 to 256 characters
 * @param fingerprint of the sender's certificate, as in its record
 * @param candidates host candidates as {@code host:port}, best first
 */
record LinkOffer(
    int minVersion,
    int maxVersion,
    String ufrag,
    String password,
    String fingerprint,
    List<String> candidates)
    implements OfferReading {
  /** Topic on the directory's bus. */
  static final String TOPIC = "relay.offer";

  /** Longest offer or answer in bytes. */
  static final int BYTES_MAX = 4096;

  /** Most candidates of one offer. */
  static final int CANDIDATES_MAX = 16;

  private static final int CREDENTIAL_MAX = 256;

  byte[] encode() {
    JsonArray list = new JsonArray();
    for (String candidate : candidates) {
      list.add(new JsonObject().put("type", "host").put("address", candidate));
    }
    return new JsonObject()
        .put("min", minVersion)
        .put("max", maxVersion)
        .put("ufrag", ufrag)
        .put("pwd", password)
        .put("fingerprint", fingerprint)
        .put("candidates", list)
        .encode()
        .getBytes(StandardCharsets.UTF_8);
  }

  static byte[] encodeRefusal(OfferRefusal reason) {
    return new JsonObject().put("refused", reason.name()).encode().getBytes(StandardCharsets.UTF_8);
  }

  static OfferReading read(byte[] body) {
    if (body.length > BYTES_MAX) {
      return new OfferReading.Unusable(OfferRefusal.TOO_LONG);
    }
    try {
      return read(new JsonObject(new String(body, StandardCharsets.UTF_8)));
    } catch (DecodeException | ClassCastException e) {
      return new OfferReading.Unusable(OfferRefusal.MALFORMED);
    }
  }

  private static OfferReading read(JsonObject json) {
    if (json.containsKey("refused")) {
      return new OfferReading.Refused(reason(text(json, "refused")));
    }
    Integer min = json.getInteger("min");
    Integer max = json.getInteger("max");
    String ufrag = text(json, "ufrag");
    String password = text(json, "pwd");
    String fingerprint = text(json, "fingerprint");
    JsonArray list = json.getJsonArray("candidates");
    if (min == null
        || max == null
        || ufrag == null
        || password == null
        || fingerprint == null
        || list == null
        || !isCredential(ufrag, 4)
        || !isCredential(password, 22)) {
      return new OfferReading.Unusable(OfferRefusal.MALFORMED);
    }
    if (LinkMessage.agree(min, max) < 0) {
      return new OfferReading.Unusable(OfferRefusal.VERSION);
    }
    if (list.size() > CANDIDATES_MAX) {
      return new OfferReading.Unusable(OfferRefusal.TOO_MANY_CANDIDATES);
    }
    List<String> candidates = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonObject candidate = list.getJsonObject(i);
      String address = candidate == null ? null : text(candidate, "address");
      if (candidate == null || address == null) {
        return new OfferReading.Unusable(OfferRefusal.MALFORMED);
      }
      if ("host".equals(text(candidate, "type"))) {
        candidates.add(address);
      }
    }
    return new LinkOffer(min, max, ufrag, password, fingerprint, List.copyOf(candidates));
  }

  private static @Nullable OfferRefusal reason(@Nullable String name) {
    for (OfferRefusal reason : OfferRefusal.values()) {
      if (reason.name().equals(name)) {
        return reason;
      }
    }
    return null;
  }

  /** A member that must be a string: Vert.x would take anything and print it. */
  private static @Nullable String text(JsonObject json, String name) {
    return (String) json.getValue(name);
  }

  /** RFC 8839 §5.4: ice-char is a letter, a digit, + or /. */
  private static boolean isCredential(String text, int lengthMin) {
    return text.length() >= lengthMin
        && text.length() <= CREDENTIAL_MAX
        && text.chars().allMatch(LinkOffer::isIceChar);
  }

  private static boolean isIceChar(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/';
  }

  @Override
  public String toString() {
    return "LinkOffer[" + candidates.size() + " candidates]";
  }
}
