package live.banyan.mesh.sim;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What happens to the network in a run. */
public enum Scenario {
  /** Nodes join, stay five minutes in the median, and leave, half of them without a word. */
  STEADY("nodes come and go"),
  /** Parents are killed, or go silent while their links live, one after the other. */
  KILL_PARENT("parents are killed or black-holed, one by one"),
  /** One node in ten is gone at the same moment. */
  KILL_10_PERCENT("a tenth of the nodes is killed at once"),
  /** All come within a minute. */
  FLASH_CROWD("everybody comes within 60 s"),
  /** The ingest is killed, and the publisher comes back through another node. */
  ROOT_FAILOVER("the ingest is killed; its publisher comes back elsewhere after a second");

  private final String sentence;

  Scenario(String sentence) {
    this.sentence = sentence;
  }

  /** As the command line has it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it is, in half a line. */
  public String sentence() {
    return sentence;
  }

  /** The scenario of a label. */
  public static Optional<Scenario> of(String label) {
    return Arrays.stream(values()).filter(s -> s.label().equals(label)).findFirst();
  }
}
