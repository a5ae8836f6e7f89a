package live.banyan.node;

import picocli.CommandLine;

/** The program's version, from its jar. */
public final class Version implements CommandLine.IVersionProvider {
  /** For example "0.1.0-SNAPSHOT"; "development" when not run from a jar. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"banyan " + text() + ", Java " + Runtime.version()};
  }
}
