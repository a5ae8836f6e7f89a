package live.banyan.signaling.session;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What WHEP's server-sent events tell a viewer (draft-ietf-wish-whep-00, "Server Sent Events
 * extension").
 */
public enum ViewerEvent {
  /** The broadcaster is there. */
  ACTIVE,
  /** The broadcaster has gone; the session waits. */
  INACTIVE,
  /** The video layers, when they change. */
  LAYERS,
  /** How many watch in the whole site, now and then. */
  VIEWERCOUNT,
  /** Whether somebody speaks, and how loudly, when it changes; not of the draft. */
  SOUND;

  /** Its name on the wire. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A list of names as in Link and in the address of an event stream. */
  static String words(Set<ViewerEvent> events) {
    return events.stream().map(ViewerEvent::word).collect(Collectors.joining(","));
  }

  /** The events of such a list, unknown names left out; all where none is known. */
  public static Set<ViewerEvent> of(String words) {
    EnumSet<ViewerEvent> found = EnumSet.noneOf(ViewerEvent.class);
    for (ViewerEvent event : values()) {
      if (Arrays.asList(words.split(",")).contains(event.word())) {
        found.add(event);
      }
    }
    return found.isEmpty() ? EnumSet.allOf(ViewerEvent.class) : found;
  }
}
