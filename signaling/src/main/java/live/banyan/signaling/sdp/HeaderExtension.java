package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A header extension of the answer (RFC 8285 §5).
 *
 * @param direction ours, {@link Direction#SENDRECV} where the offer states none
 */
record HeaderExtension(int id, String uri, Direction direction) {
  /** 15 ends one-byte headers and 16 to 255 need two-byte ones. */
  private static final int ID_MAX = 255;

  private static final int ID_RESERVED = 15;

  /**
   * Offered extensions of the wanted URIs that go in the wanted direction, in the offer's order.
   */
  static List<HeaderExtension> choose(
      MediaSection section, List<String> wanted, boolean towardsViewer) {
    Map<String, HeaderExtension> chosen = new LinkedHashMap<>();
    List<Integer> taken = new ArrayList<>();
    for (String value : section.all("extmap")) {
      String[] words = value.strip().split(" +", 3);
      int slash = words[0].indexOf('/');
      int id = SdpParser.number(slash < 0 ? words[0] : words[0].substring(0, slash), ID_MAX);
      if (words.length < 2 || id < 1 || id == ID_RESERVED || taken.contains(id)) {
        continue;
      }
      Optional<Direction> theirs =
          slash < 0
              ? Optional.of(Direction.SENDRECV)
              : Direction.parse(words[0].substring(slash + 1));
      boolean flows =
          theirs.isPresent() && (towardsViewer ? theirs.get().receives : theirs.get().sends);
      if (flows && wanted.contains(words[1]) && !chosen.containsKey(words[1])) {
        Direction ours =
            slash < 0
                ? Direction.SENDRECV
                : towardsViewer ? Direction.SENDONLY : Direction.RECVONLY;
        chosen.put(words[1], new HeaderExtension(id, words[1], ours));
        taken.add(id);
      }
    }
    return List.copyOf(chosen.values());
  }

  Attribute attribute() {
    String way = direction == Direction.SENDRECV ? "" : "/" + direction.text();
    return Attribute.of("extmap", id + way + " " + uri);
  }
}
