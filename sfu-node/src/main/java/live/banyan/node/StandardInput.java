package live.banyan.node;

import java.io.IOException;

/** A process that a demo, a bench or a test started must not outlive it, however that one ends. */
public final class StandardInput {
  private StandardInput() {}

  /** Ends this process once its standard input, a pipe from its starter, is closed. */
  public static void exitAtItsEnd() {
    // A platform thread: a read from a pipe would hold one of the few carriers of virtual threads.
    Thread.ofPlatform()
        .daemon()
        .name("banyan-stdin")
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nobody writes; only the end matters.
                }
              } catch (IOException e) {
                // A broken pipe is an end, too.
              }
              System.exit(0);
            });
  }
}
