package live.banyan.sfu.sctp;

/** A message on its way out. */
final class OutMessage {
  final int stream;
  final int ppid;
  final byte[] data;
  final boolean unordered;
  final int retransmitsMax;
  final long expiresAtNs;

  /** Assigned with the first fragment. */
  int ssn;

  /** Bytes that have been cut into fragments. */
  int cut;

  boolean abandoned;

  OutMessage(
      int stream, int ppid, byte[] data, boolean unordered, int retransmitsMax, long expiresAtNs) {
    this.stream = stream;
    this.ppid = ppid;
    this.data = data;
    this.unordered = unordered;
    this.retransmitsMax = retransmitsMax;
    this.expiresAtNs = expiresAtNs;
  }

  boolean expired(long nowNs) {
    return nowNs >= expiresAtNs;
  }
}
