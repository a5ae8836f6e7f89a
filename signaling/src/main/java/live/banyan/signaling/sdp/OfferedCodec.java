package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A payload type of an m-section with what stands about it in rtpmap, fmtp and rtcp-fb.
 *
 * @param channels 1 where rtpmap has none
 * @param fmtp as written, empty without
 * @param feedback for instance {@code nack pli}, in lower case
 */
record OfferedCodec(
    int payloadType,
    String name,
    int clockRateHz,
    int channels,
    String fmtp,
    Map<String, String> parameters,
    Set<String> feedback) {
  private static final int PAYLOAD_TYPE_MAX = 127;

  /** Payload types in the order of the m-line; those without a sound rtpmap are left out. */
  static List<OfferedCodec> read(MediaSection section) {
    Map<Integer, String> maps = byPayloadType(section, "rtpmap");
    Map<Integer, String> formats = byPayloadType(section, "fmtp");
    Map<Integer, Set<String>> feedback = new HashMap<>();
    Set<String> general = new TreeSet<>();
    for (String value : section.all("rtcp-fb")) {
      int space = value.indexOf(' ');
      if (space > 0) {
        String what = value.substring(space + 1).strip().toLowerCase(Locale.ROOT);
        String whose = value.substring(0, space);
        if (whose.equals("*")) {
          general.add(what);
        } else {
          int type = SdpParser.number(whose, PAYLOAD_TYPE_MAX);
          feedback.computeIfAbsent(type, absent -> new TreeSet<>()).add(what);
        }
      }
    }
    List<OfferedCodec> codecs = new ArrayList<>();
    Set<Integer> seen = new TreeSet<>();
    for (String format : section.formats()) {
      int type = SdpParser.number(format, PAYLOAD_TYPE_MAX);
      String map = maps.get(type);
      if (type >= 0 && map != null && seen.add(type)) {
        Set<String> speaks = new TreeSet<>(general);
        speaks.addAll(feedback.getOrDefault(type, Set.of()));
        addTo(codecs, type, map, formats.getOrDefault(type, ""), speaks);
      }
    }
    return codecs;
  }

  private static void addTo(
      List<OfferedCodec> codecs, int type, String map, String fmtp, Set<String> feedback) {
    String[] parts = map.split("/", -1);
    int rate = parts.length < 2 ? -1 : SdpParser.number(parts[1], Integer.MAX_VALUE);
    int channels = parts.length < 3 ? 1 : SdpParser.number(parts[2], 255);
    if (!parts[0].isEmpty() && rate > 0 && channels > 0) {
      codecs.add(
          new OfferedCodec(type, parts[0], rate, channels, fmtp, Fmtp.parse(fmtp), feedback));
    }
  }

  private static Map<Integer, String> byPayloadType(MediaSection section, String attribute) {
    Map<Integer, String> values = new LinkedHashMap<>();
    for (String value : section.all(attribute)) {
      int space = value.indexOf(' ');
      int type = space < 0 ? -1 : SdpParser.number(value.substring(0, space), PAYLOAD_TYPE_MAX);
      if (type >= 0) {
        values.putIfAbsent(type, value.substring(space + 1).strip());
      }
    }
    return values;
  }

  boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }

  boolean speaks(String what) {
    return feedback.contains(what);
  }

  /** The payload type that this RTX entry repairs, or -1. */
  int repairs() {
    return is("rtx") ? SdpParser.number(parameters.getOrDefault("apt", ""), PAYLOAD_TYPE_MAX) : -1;
  }

  /**
   * Whether this is redundant audio of another entry alone (RFC 2198 §5): {@code 111/111} says that
   * the newest block and an older one are of payload type 111.
   */
  boolean wraps(OfferedCodec codec) {
    if (!is("red") || clockRateHz != codec.clockRateHz() || channels != codec.channels()) {
      return false;
    }
    String[] types = fmtp.strip().split("/", -1);
    for (String type : types) {
      if (SdpParser.number(type, PAYLOAD_TYPE_MAX) != codec.payloadType()) {
        return false;
      }
    }
    return types.length > 1;
  }
}
