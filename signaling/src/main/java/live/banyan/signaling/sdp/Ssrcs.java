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
 */
record Ssrcs(List<Long> all, Map<Long, Long> rtx) {
  /** Most sources taken from one section; further ones are ignored. */
  static final int MAX = 32;

  private static final long SSRC_MAX = 0xffff_ffffL;

  static Ssrcs read(MediaSection section) {
    Set<Long> all = new LinkedHashSet<>();
    for (String value : section.all("ssrc")) {
      int space = value.indexOf(' ');
      add(all, parse(space < 0 ? value : value.substring(0, space)));
    }
    Map<Long, Long> rtx = new LinkedHashMap<>();
    for (String value : section.all("ssrc-group")) {
      String[] words = value.strip().split(" +");
      if (words.length == 3 && words[0].equals("FID")) {
        long primary = parse(words[1]);
        long repair = parse(words[2]);
        if (primary > 0 && repair > 0 && primary != repair && rtx.size() < MAX) {
          rtx.putIfAbsent(primary, repair);
          add(all, primary);
          add(all, repair);
        }
      }
    }
    return new Ssrcs(new ArrayList<>(all), rtx);
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
