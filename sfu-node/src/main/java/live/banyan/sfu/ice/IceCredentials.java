package live.banyan.sfu.ice;

/** User fragment and password of one end (RFC 8839 §5.4). The password is never logged. */
public record IceCredentials(String ufrag, String password) {
  @Override
  public String toString() {
    return "IceCredentials[" + ufrag + "]";
  }
}
