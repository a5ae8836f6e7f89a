package live.banyan.sfu.relay;

import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jitsi.config.JitsiConfig;

/**
 * The one place where ice4j's process-wide settings are made. ice4j reads {@code ice4j.*} from
 * Typesafe config over system properties, and {@code org.ice4j.*} from system properties alone; a
 * property that the operator gave with {@code -D} wins. Must run before the first agent.
 */
final class Ice4j {
  private static final Map<String, String> PROPERTIES =
      Map.of(
          // Probes 169.254.169.254 at the first agent.
          "ice4j.harvest.mapping.aws.enabled", "false",
          // Our harvester is the only one; these say so to whatever asks ice4j's defaults.
          "ice4j.harvest.udp.use-dynamic-ports", "false",
          "ice4j.use-component-socket", "false",
          "ice4j.redact-remote-addresses", "true",
          // Not to tell strangers the library and its version in every packet.
          "ice4j.software", "",
          // Without it ice4j takes a check that carries no MESSAGE-INTEGRITY at all.
          "org.ice4j.REQUIRE_MESSAGE_INTEGRITY", "true",
          // The heartbeat keeps NAT bindings and consent.
          "org.ice4j.NO_KEEP_ALIVES", "true");

  /** Held here because java.util.logging holds loggers weakly, and their levels with them. */
  private static final List<Logger> LOGGERS =
      List.of(
          Logger.getLogger("org.ice4j"),
          Logger.getLogger("org.jitsi"),
          Logger.getLogger("JitsiConfig"));

  static {
    for (Logger logger : LOGGERS) {
      // ice4j tells of every state change at INFO and of every stray packet at WARNING.
      if (logger.getLevel() == null) {
        logger.setLevel(Level.SEVERE);
      }
    }
    PROPERTIES.forEach(
        (key, value) -> {
          if (System.getProperty(key) == null) {
            System.setProperty(key, value);
          }
        });
    // Typesafe config caches system properties at its first use, which may have been before.
    JitsiConfig.Companion.reloadNewConfig();
  }

  private Ice4j() {}

  /** Makes the settings, once per process. */
  static void configure() {
    // The static initialiser has run when this returns.
  }
}
