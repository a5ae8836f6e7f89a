package live.banyan.mesh.site;

import java.util.List;

/**
 * What members tell each other over the topic.
 *
 * <p>{@code version} numbers the changes of one member's records, from 1: who misses a number asks
 * for everything again.
 */
sealed interface SiteMessage {
  /** The member that tells, as Hazelcast names it. */
  String member();

  /**
   * A newcomer, or one who missed something, asks for everything.
   *
   * @param of the member that is asked; empty for all
   */
  record Hello(String member, String of) implements SiteMessage {}

  /** Everything that the member tells, as of a version. */
  record Snapshot(String member, long version, List<SiteRecord> records) implements SiteMessage {}

  /** One change, which makes the version what it says. */
  record Delta(String member, long version, SiteRecord record) implements SiteMessage {}

  /** The version, each second or two, for those who missed a delta. */
  record Digest(String member, long version) implements SiteMessage {}
}
