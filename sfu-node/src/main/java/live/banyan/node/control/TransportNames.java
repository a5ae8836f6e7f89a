package live.banyan.node.control;

import live.banyan.sfu.ice.IceCredentials;

/**
 * Names transports towards clients. The fragment decides which shard a transport is on, so whoever
 * gives it out spreads the load. Safe from any thread.
 */
public interface TransportNames {
  /** Of a transport that is about to be opened. */
  IceCredentials next();

  /** Of one that is open, and whose ICE restarts: it stays where it is. */
  IceCredentials again(long transportId);
}
