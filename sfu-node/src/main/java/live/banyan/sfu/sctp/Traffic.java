package live.banyan.sfu.sctp;

/**
 * What exists once both ends know each other.
 *
 * @param streams that both ends have
 */
record Traffic(Inbound inbound, Outbound outbound, StreamResets resets, int streams) {}
