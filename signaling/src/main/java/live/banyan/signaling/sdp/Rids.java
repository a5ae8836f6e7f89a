package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Simulcast as a publisher offers it (RFC 8851, RFC 8853). */
final class Rids {
  /** Most simulcast encodings of one section; browsers stop at 3 or 4. */
  static final int MAX = 4;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,16}");
  private static final List<String> SIZES =
      List.of("max-height", "max-width", "max-fs", "max-br", "max-pps");

  /** Names that say by themselves which is lower; each inner list goes from low to high. */
  private static final List<List<String>> LADDERS =
      List.of(
          List.of("q", "h", "f"),
          List.of("l", "m", "h"),
          List.of("low", "mid", "high"),
          List.of("low", "medium", "high"),
          List.of("lo", "mi", "hi"));

  private Rids() {}

  /** Send rids in the order of {@code a=simulcast}; empty without simulcast. */
  static List<String> offered(MediaSection section) {
    Map<String, Map<String, String>> declared = declared(section);
    String list = sendList(section.attribute("simulcast").orElse(""));
    List<String> rids = new ArrayList<>();
    for (String alternatives : list.split(";")) {
      String first = alternatives.split(",", 2)[0].strip();
      String rid = first.startsWith("~") ? first.substring(1) : first;
      if (declared.containsKey(rid) && !rids.contains(rid) && rids.size() < MAX) {
        rids.add(rid);
      }
    }
    return rids.size() < 2 ? List.of() : rids;
  }

  /**
   * The same rids, lowest quality first where their restrictions or names tell; else in the offer's
   * order, which browsers fill from low to high when the page leaves the scaling to them.
   */
  static List<String> lowestFirst(MediaSection section, List<String> rids) {
    Map<String, Map<String, String>> declared = declared(section);
    for (String size : SIZES) {
      Map<String, Integer> values = new LinkedHashMap<>();
      for (String rid : rids) {
        String text = declared.getOrDefault(rid, Map.of()).getOrDefault(size, "");
        int value = SdpParser.number(text, Integer.MAX_VALUE);
        if (value > 0) {
          values.put(rid, value);
        }
      }
      if (values.size() == rids.size() && values.values().stream().distinct().count() > 1) {
        return rids.stream()
            .sorted((a, b) -> Integer.compare(values.getOrDefault(a, 0), values.getOrDefault(b, 0)))
            .toList();
      }
    }
    for (List<String> ladder : LADDERS) {
      if (ladder.containsAll(rids)) {
        return ladder.stream().filter(rids::contains).toList();
      }
    }
    return List.copyOf(rids);
  }

  private static Map<String, Map<String, String>> declared(MediaSection section) {
    Map<String, Map<String, String>> declared = new LinkedHashMap<>();
    for (String value : section.all("rid")) {
      String[] parts = value.split(" ", 3);
      if (parts.length >= 2 && parts[1].equals("send") && ID.matcher(parts[0]).matches()) {
        declared.putIfAbsent(parts[0], parts.length == 3 ? Fmtp.parse(parts[2]) : Map.of());
      }
    }
    return declared;
  }

  /** The streams after {@code send} in {@code a=simulcast:send q;h recv 1;2}. */
  private static String sendList(String simulcast) {
    String[] words = simulcast.strip().split(" +");
    for (int i = 0; i + 1 < words.length; i += 2) {
      if (words[i].equals("send")) {
        return words[i + 1];
      }
    }
    return "";
  }
}
