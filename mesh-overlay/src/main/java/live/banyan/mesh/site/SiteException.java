package live.banyan.mesh.site;

/** The site cannot be joined; the message says what the operator can change. */
public final class SiteException extends Exception {
  private static final long serialVersionUID = 1L;

  SiteException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
