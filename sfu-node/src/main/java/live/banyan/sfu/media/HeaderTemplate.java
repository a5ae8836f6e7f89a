package live.banyan.sfu.media;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;

/** Which extensions one subscription's headers carry, and under which identifiers. Immutable. */
final class HeaderTemplate {
  private static final int MID_MAX = 16;

  final int[] ids = new int[IncomingPacket.CARRIED.length];
  final int midId;
  final MemorySegment mid;
  final int midLength;
  final int transportSequenceId;

  /** Whether what leaves with it may be counted towards the estimate of the path. */
  final boolean counted;

  /**
   * Builds a template.
   *
   * @param counted whether packets carry transport-wide sequence numbers. Those that may be sent
   *     again as they were must not: another number under the same packet index would be another
   *     header under the same nonce
   */
  HeaderTemplate(ExtensionMap extensions, byte[] mid, boolean counted) {
    this.counted = counted;
    transportSequenceId = counted ? extensions.id(ExtensionKind.TRANSPORT_SEQUENCE) : 0;
    for (int kind = 0; kind < ids.length; kind++) {
      ids[kind] = extensions.id(IncomingPacket.CARRIED[kind]);
    }
    boolean carriesMid = mid.length > 0 && mid.length <= MID_MAX;
    midId = carriesMid ? extensions.id(ExtensionKind.MID) : 0;
    this.mid = MemorySegment.ofArray(mid.clone());
    midLength = mid.length;
  }

  /** Whether the headers of two subscriptions carry the same extensions. */
  boolean sameAs(HeaderTemplate other) {
    return this == other
        || midId == other.midId
            && transportSequenceId == other.transportSequenceId
            && Arrays.equals(ids, other.ids)
            && midLength == other.midLength
            && mid.mismatch(other.mid) < 0;
  }
}
