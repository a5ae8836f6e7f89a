package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sources that a section announces (RFC 5576).
 *
 * @param all in the offer's order, RTX included
 * @param rtx primary to RTX, from {@code a=ssrc-group:FID}
 * @param fec primary to repair packets, from {@code a=ssrc-group:FEC-FR} (RFC 5956 §4.3)
 */
record Ssrcs(List<Long> all, Map<Long, Long> rtx, Map<Long, Long> fec) {
  /** Most sources taken from one section; further ones are ignored. */
  static final int MAX = 32;

  private static final long SSRC_MAX = 0xffff_ffffL;

  static Ssrcs read(MediaSection section) {
    Set<Long> all = new LinkedHashSet<>();
    for (String value : section.all("ssrc")) {
      int space = value.indexOf(' ');
      add(all, parse(space < 0 ? value : value.substring(0, space)));
    }
    Map<Long, Long> rtx = groups(section, "FID", all);
    Map<Long, Long> fec = groups(section, "FEC-FR", all);
    return new Ssrcs(new ArrayList<>(all), rtx, fec);
  }

  private static Map<Long, Long> groups(MediaSection section, String semantics, Set<Long> all) {
    Map<Long, Long> groups = new LinkedHashMap<>();
    for (String value : section.all("ssrc-group")) {
      String[] words = value.strip().split(" +");
      if (words.length == 3 && words[0].equals(semantics)) {
        long primary = parse(words[1]);
        long repair = parse(words[2]);
        if (primary > 0 && repair > 0 && primary != repair && groups.size() < MAX) {
          groups.putIfAbsent(primary, repair);
          add(all, primary);
          add(all, repair);
        }
      }
    }
    return groups;
  }

  private static void add(Set<Long> all, long ssrc) {
    if (ssrc > 0 && all.size() < MAX) {
      all.add(ssrc);
    }
  }

  private static long parse(String text) {
    if (text.isEmpty() || text.length() > 10) {
      return -1;
    }
    try {
      long value = Long.parseLong(text);
      return value <= SSRC_MAX ? value : -1;
    } catch (NumberFormatException notDecimal) {
      return -1;
    }
  }
}
