package live.banyan.mesh.identity;

import live.banyan.mesh.wire.MalformedException;

/** What a signed object says. The codes are the wire's: never used again for something else. */
public enum SignedType {
  /** A node tells how it is reached. */
  NODE(1),
  /** A stream's key tells where the stream comes in. */
  STREAM(2),
  /** A node tells that it carries a stream. */
  PROVIDER(3),
  /** Something for those who have a link. */
  SEALED(4),
  /** A channel lets a stream key speak for it. */
  DELEGATION(5),
  /** A channel takes delegations back. */
  REVOCATION(6),
  /** A node answers FIND. */
  FOUND(7);

  private final int code;

  SignedType(int code) {
    this.code = code;
  }

  /** On the wire. */
  public int code() {
    return code;
  }

  static SignedType of(int code) throws MalformedException {
    for (SignedType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new MalformedException("signed type " + code);
  }
}
