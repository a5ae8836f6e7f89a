package live.banyan.node;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Being asked to end is no failure: after SIGTERM and Ctrl-C the program stops as gracefully as
 * ever, and says 0. The JVM by itself says 143 or 130, which supervisors take for a crash.
 */
final class Signals {
  private static final String TERMINATE = "TERM";
  private static final String INTERRUPT = "INT";

  private Signals() {}

  /** From now on both signals run the shutdown hooks and end the program with status 0. */
  static void endWithZero() {
    handle(TERMINATE);
    handle(INTERRUPT);
  }

  private static void handle(String name) {
    try {
      Signal signal = new Signal(name);
      SignalHandler before = Signal.handle(signal, received -> System.exit(0));
      if (before.equals(SignalHandler.SIG_IGN)) {
        // A shell's background job, which Ctrl-C is not meant for.
        Signal.handle(signal, before);
      }
    } catch (IllegalArgumentException e) {
      // Not to be had on this system, or under -Xrs: the JVM's own status then.
    }
  }
}
