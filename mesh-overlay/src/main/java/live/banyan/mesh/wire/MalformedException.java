package live.banyan.mesh.wire;

/** Bytes that are not what they claim. Without a stack trace: anybody can cause one cheaply. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedException(String sentence) {
    super(sentence, null, false, false);
  }

  MalformedException(Exception cause) {
    super(cause.getClass().getSimpleName(), null, false, false);
  }
}
