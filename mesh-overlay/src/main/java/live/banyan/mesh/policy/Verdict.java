package live.banyan.mesh.policy;

/** Whether something is carried. */
public sealed interface Verdict {
  /** It is, until it is released. */
  record Admitted() implements Verdict {}

  /** It is not. */
  record Refused(Refusal reason) implements Verdict {}
}
