package live.banyan.sfu.shard;

/** What a shard counts. Declared once, with the sentence that an operator reads. */
public enum ShardCounter {
  DATAGRAMS_IN("datagrams received"),
  RTP_PACKETS_IN("RTP packets received and authenticated"),
  RTP_BYTES_IN("bytes of those RTP packets"),
  RTCP_PACKETS_IN("RTCP datagrams received and authenticated"),
  HANDED_OVER("datagrams that came in at another shard's socket and were handed over"),
  SHARED_OUT("packets of publications shared with other shards that have subscribers"),
  STUN_IN("STUN messages received"),
  STUN_ERRORS_UNSAID("forged checks left without an answer, beyond 100 answers a second"),
  DTLS_IN("DTLS datagrams received from validated addresses"),
  RTP_PACKETS_OUT("RTP packets sent, repetitions included"),
  RTP_BYTES_OUT("bytes of RTP datagrams sent"),
  RTCP_PACKETS_OUT("RTCP datagrams sent"),
  NACKED_IN("packets that subscribers asked for again"),
  NACKED_OUT("packets that sources were asked for again"),
  PLI_IN("picture loss indications and full intra requests received"),
  KEYFRAME_REQUESTS_OUT("keyframe requests sent to sources"),
  RTX_IN("repaired packets received"),
  RTX_OUT("repetitions sent as RTX"),
  RESENT_OUT("repetitions sent as they were"),
  EARLY_IN("packets that came before their keys or their source, kept until those came"),
  RED_IN("audio packets that came with redundancy"),
  RED_REPAIRED("lost audio packets made good from the redundancy of later ones"),
  FEC_IN("repair packets received (flexfec-03)"),
  FEC_REPAIRED("lost packets made from repair packets"),
  KEPT_SHORT("packets of pictures that gave way to newer ones within two seconds"),
  REPAIRS_GIVEN_UP("packets that no repair brought in time"),
  FEEDBACK_OUT("transport-wide feedback datagrams sent"),
  ESTIMATES_OUT("estimates (REMB) sent to publishers that take no transport-wide feedback"),
  ARRIVAL_FEEDBACK_IN("reports of arrivals that viewers sent"),
  PROBES_OUT("bursts and trials begun to find out whether a viewer's path bears a better layer"),
  PROBE_PACKETS_OUT("repetitions that filled those"),
  KEYFRAMES_IN("keyframes that began to arrive"),
  COMMANDS_STALE("commands that named something gone or repeated a name"),
  COMMANDS_REFUSED("commands beyond a bound"),
  SENDS_WITHOUT_PATH("datagrams dropped because no address is selected"),
  TRANSPORTS("transports now"),
  TRACKS("tracks now"),
  SUBSCRIPTIONS("subscriptions now"),
  ESTIMATED_VIEWERS("viewers whose path is being estimated now"),
  ESTIMATED_BPS("sum of what their paths bear, in bit/s"),
  LIMITED_VIDEOS("pictures now kept below their best layer for want of bandwidth");

  private final String sentence;

  ShardCounter(String sentence) {
    this.sentence = sentence;
  }

  /** What an operator reads in the metrics documentation. */
  public String sentence() {
    return sentence;
  }
}
