package live.banyan.sfu.media;

import org.jspecify.annotations.Nullable;

/**
 * The templates of a track's subscribers, of which most are alike: those that are become one
 * object, so that the next subscriber's is told from the last one's by a glance, and lies in the
 * processor's cache. Remembers {@value #KINDS_MAX} kinds; more are compared by their contents. Not
 * thread safe.
 */
final class HeaderTemplates {
  static final int KINDS_MAX = 16;

  private final @Nullable HeaderTemplate[] kinds = new @Nullable HeaderTemplate[KINDS_MAX];
  private int count;

  /** The template to use in place of an equal one. */
  HeaderTemplate shared(HeaderTemplate own) {
    for (int i = 0; i < count; i++) {
      HeaderTemplate kind = kinds[i];
      if (kind != null && kind.counted == own.counted && kind.sameAs(own)) {
        return kind;
      }
    }
    if (count < KINDS_MAX) {
      kinds[count++] = own;
    }
    return own;
  }
}
