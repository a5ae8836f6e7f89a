package live.banyan.mesh.record;

/** Why a record is not used. */
public enum RecordRefusal {
  /** Bytes that are no record, or one that contradicts itself. */
  MALFORMED,
  /** Longer than a record may be. */
  OVERSIZED,
  /** Not signed by the key in it, or by a key that may not say this. */
  FORGED,
  /** The node's key has no work in it. */
  NO_WORK,
  /** Its time is over. */
  EXPIRED,
  /** From later than clocks that differ explain, or for longer than a record lives. */
  FUTURE,
  /** Not newer than what is known from the same key. */
  STALE,
  /** Of another place, stream or channel than the one that was asked for. */
  ELSEWHERE
}
