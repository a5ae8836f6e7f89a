package live.banyan.sfu.client;

/**
 * What came of asking a node for a session.
 *
 * @param <S> the session
 */
public sealed interface Start<S> {
  /** The node answered with 201; media follows. */
  record Started<S>(S session) implements Start<S> {}

  /**
   * The node refused.
   *
   * @param status HTTP status
   * @param sentence what the node says to do about it
   */
  record Refused<S>(int status, String sentence) implements Start<S> {}

  /** There was no usable answer: nobody listens, or it is not WHIP or WHEP that listens there. */
  record Failed<S>(String sentence) implements Start<S> {}
}
