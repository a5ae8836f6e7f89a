package live.banyan.mesh.record;

/** What a check of a record came to. */
public sealed interface Checked<T> {
  /** Signed, in time, and consistent. */
  record Valid<T>(T record) implements Checked<T> {}

  /** Not to be used. */
  record Refused<T>(RecordRefusal reason) implements Checked<T> {}
}
